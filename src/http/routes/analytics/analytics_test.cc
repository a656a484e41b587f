// SPDX-License-Identifier: Apache-2.0
//
// Goal: the routes of analytics, over real sockets: what reaches the store, what comes back in each
// format, errors, streams that break off, and clients that go away.
#include "http/routes/analytics/analytics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "http/server/test_server.h"
#include "query/test_table_reader.h"
#include "query/test_tokens.h"
#include "testing/eventually.h"

namespace atlas::http {
namespace {

namespace json = boost::json;
using query::Answer;
using query::ErrorCode;
using query::ResultFormat;
using query::ResultTable;
using testing::HasSubstr;

constexpr Time kNoon = time_from_micros(1'795'262'400'000'000);  // 2026-11-21T12:00:00Z

// Pieces, then an end or a failure.
class GivenStream final : public query::ByteStream {
public:
    GivenStream(int pieces, bool fails, LogPosition position)
        : pieces_(pieces),
          fails_(fails),
          snapshot_{.as_of = kNoon, .position = position, .source = "analytics"} {}
    Answer<bool> next(std::string& chunk) override {
        if (pieces_-- > 0) {
            chunk = std::string(100'000, 'x') + "\n";
            return true;
        }
        if (fails_) return failure(query::Error{.detail = "the disk is gone"});
        chunk.clear();
        return false;
    }
    const query::Snapshot& snapshot() const override { return snapshot_; }

private:
    int pieces_;
    const bool fails_;
    const query::Snapshot snapshot_;
};

class GivenAnalytics final : public query::Analytics {
public:
    Answer<ResultTable> query(const query::AnalyticsRequest& request, ResultFormat format,
                              const query::Caller& caller) override {
        asked = request.measures.front().name;
        if (wait_for_stop) {
            started = true;
            while (!caller.stop.stop_requested()) std::this_thread::yield();
            stopped = true;
        }
        return table(format, caller);
    }
    Answer<ResultTable> sql(const query::SqlRequest& request, ResultFormat format,
                            const query::Caller& caller) override {
        asked = request.sql;
        return table(format, caller);
    }
    std::vector<query::NamedQuery> queries() const override {
        return {{.name = "daily",
                 .description = "Daily.",
                 .params = {{"attribute", "string", "", "which"},
                            {"from", "timestamp", "now-7d", "since"}}}};
    }
    Answer<ResultTable> named(const query::NamedRequest& request, ResultFormat format,
                              const query::Caller& caller) override {
        asked = request.name + " " + std::to_string(request.params.size());
        return table(format, caller);
    }
    Answer<std::unique_ptr<query::ByteStream>> export_points(const query::ExportRequest&,
                                                             const query::Caller&) override {
        return std::make_unique<GivenStream>(5, stream_fails, position);
    }

    Answer<ResultTable> table(ResultFormat format, const query::Caller& caller) {
        last_caller = caller;
        if (error) return failure(*error);
        ResultTable table{
            .columns = {{"site", model::Type::string}, {"avg", model::Type::float64}}};
        table.rows = format == ResultFormat::json ? R"([["north",4.21]])" : "north,4.21\r\n";
        table.truncated = true;
        table.plan = R"({"units":[]})";
        table.snapshot = {.as_of = kNoon, .position = position, .source = "analytics", .lag = lag};
        return table;
    }

    std::string asked;
    query::Caller last_caller;
    std::optional<Micros> lag = Micros{250'000};
    LogPosition position{1, Lsn{0x100}};
    std::optional<query::Error> error;
    bool stream_fails = false;
    bool wait_for_stop = false;
    std::atomic<bool> started{false};
    std::atomic<bool> stopped{false};
};

struct AnalyticsRoutes : testing::Test {
    AnalyticsRoutes() { serve(&analytics); }
    void serve(query::Analytics* to) {
        server.reset();
        context.analytics = to;
        server.emplace(analytics_routes(context));
    }

    RawAnswer post(std::string_view path, std::string_view body, std::string headers = "",
                   std::string_view token = "atlas_read") {
        RawClient client(server->port());
        headers = "Authorization: Bearer " + std::string(token) +
                  "\r\nContent-Type: application/json\r\n" + headers;
        return client.ask(request_text("POST /v1/analytics/" + std::string(path), headers, body))
            .value();
    }
    static std::string code(const RawAnswer& answer) {
        const auto problem = json::parse(answer.body);
        EXPECT_EQ(answer.headers.at("content-type"), "application/problem+json");
        return std::to_string(answer.status) + " " + std::string(problem.at("code").as_string());
    }

    static constexpr std::string_view kCount = R"({"measures": [{"agg": "count"}]})";
    GivenAnalytics analytics;
    query::TestTokens tokens{Lsn{0x300}};
    query::TableReader reader{Lsn{0x100}, kNoon};
    ReadContext reading{reader, tokens, std::chrono::days{31}};
    AnalyticsContext context{.reading = reading};
    std::optional<TestServer> server;
};

TEST_F(AnalyticsRoutes, JsonWithItsFreshness) {
    const auto answer = post("query", kCount);
    ASSERT_EQ(answer.status, 200) << answer.body;
    const auto body = json::parse(answer.body);
    EXPECT_EQ(json::serialize(body.at("columns")),
              R"([{"name":"site","type":"string"},{"name":"avg","type":"double"}])");
    EXPECT_EQ(json::serialize(body.at("rows")), R"([["north",4.21E0]])");
    EXPECT_TRUE(body.at("truncated").as_bool());
    EXPECT_EQ(body.at("_metadata").at("source").as_string(), "analytics");
    EXPECT_EQ(body.at("_metadata").at("consistency").as_string(), "analytics");
    EXPECT_EQ(answer.headers.at("x-data-source"), "analytics");
    EXPECT_EQ(answer.headers.at("x-data-lag-seconds"), "0.25");
    // The store's time is the query's, and what came after it is not.
    EXPECT_THAT(answer.headers.at("server-timing"), testing::Not(HasSubstr("encode;dur=0.000")));
    EXPECT_EQ(analytics.asked, "count");
    EXPECT_FALSE(analytics.last_caller.all_tenants);
}

TEST_F(AnalyticsRoutes, OtherFormats) {
    const auto csv = post("sql?format=csv", R"({"sql": "FROM x"})");
    EXPECT_EQ(csv.body, "north,4.21\r\n");
    EXPECT_EQ(csv.headers.at("content-type"), "text/csv");
    EXPECT_EQ(csv.headers.at("x-data-source"), "analytics");
    EXPECT_EQ(csv.headers.at("x-truncated"), "true");
    EXPECT_EQ(analytics.asked, "FROM x");
    const auto parquet = post("queries/daily", "", "Accept: application/vnd.apache.parquet\r\n");
    EXPECT_EQ(parquet.headers.at("content-type"), "application/vnd.apache.parquet");
    EXPECT_EQ(analytics.asked, "daily 0");
    EXPECT_EQ(code(post("sql", R"({"sql": ""})", "Accept: image/png\r\n")), "406 not_acceptable");
    EXPECT_EQ(code(post("export", R"({"format": "xml"})", "Accept: image/png\r\n")),
              "400 invalid_field");
    EXPECT_EQ(code(post("sql?format=xml", R"({"sql": ""})")), "400 invalid_parameter");
}

TEST_F(AnalyticsRoutes, FaultsOfBodies) {
    const auto fault = post("query", R"({"measures": [{"agg": "count"}, {"agg": "mean"}]})");
    EXPECT_EQ(code(fault), "400 invalid_field");
    EXPECT_EQ(json::parse(fault.body).at("field").as_string(), "measures[1].agg");
    EXPECT_EQ(code(post("query", "{")), "400 invalid_json");
    EXPECT_EQ(code(post("query", R"({"tenant": 3, "measures": []})")), "400 unknown_field");
    EXPECT_EQ(code(post("sql", R"({"sql": "", "tenant": 3})")), "400 unknown_field");
    EXPECT_EQ(code(post("query?tenant=3", kCount)), "400 unknown_parameter");
    EXPECT_EQ(code(post("query?explain=maybe", kCount)), "400 invalid_parameter");
}

TEST_F(AnalyticsRoutes, ErrorsOfTheStore) {
    analytics.error =
        query::Error{.code = ErrorCode::limit_exceeded, .detail = "d", .parameter = "time"};
    const auto slow = post("query", kCount);
    EXPECT_EQ(code(slow), "422 query_limit_exceeded");
    EXPECT_EQ(json::parse(slow.body).at("limit").as_string(), "time");
    analytics.error =
        query::Error{.code = ErrorCode::sql_not_allowed, .detail = "d", .position = 7};
    const auto refused = post("sql", R"({"sql": "x"})");
    EXPECT_EQ(code(refused), "400 sql_not_allowed");
    EXPECT_EQ(json::parse(refused.body).at("position").as_int64(), 7);
    analytics.error = query::Error{.code = ErrorCode::query_not_found, .detail = "d"};
    EXPECT_EQ(code(post("queries/none", "")), "404 query_not_found");
    analytics.error = query::Error{.code = ErrorCode::analytics_unavailable, .detail = "d"};
    const auto gone = post("query", kCount);
    EXPECT_EQ(code(gone), "503 analytics_unavailable");
    EXPECT_TRUE(gone.headers.contains("retry-after"));
    serve(nullptr);
    EXPECT_EQ(code(post("query", kCount)), "503 analytics_unavailable");
    EXPECT_EQ(code(post("export", "")), "503 analytics_unavailable");
}

TEST_F(AnalyticsRoutes, DemandsReachTheStore) {
    const auto demand = [&](std::string_view path, std::string headers = "") {
        EXPECT_EQ(post(path, kCount, std::move(headers)).status, 200) << path;
        return analytics.last_caller.demand;
    };
    EXPECT_EQ(demand("query").level, query::Level::analytics);
    EXPECT_EQ(demand("query").max_lag, std::nullopt);
    EXPECT_EQ(demand("query?max_lag=1s").max_lag, Micros{1'000'000});
    EXPECT_EQ(demand("query?consistency=strong").level, query::Level::strong);
    const LogPosition seen{1, Lsn{0x100}};
    // The store is behind what the gateway acknowledged as a rule, and says by how much.
    RecentWrites writes;
    writes.note(kDefaultTenant, {1, Lsn{0x200}});
    reading.writes = &writes;
    EXPECT_EQ(demand("query").floor, std::nullopt);
    const auto with_token = demand("query", "X-Consistency-Token: " + tokens.issue(seen) + "\r\n");
    EXPECT_EQ(with_token.floor, seen);
    EXPECT_EQ(with_token.level, query::Level::session);
    analytics.lag.reset();
    EXPECT_EQ(post("query", kCount).headers.at("x-data-lag-seconds"), "unknown");
    analytics.error = query::Error{
        .code = ErrorCode::freshness_not_met,
        .detail = "d",
        .wanted = seen,
        .best = query::Snapshot{.as_of = kNoon, .position = seen, .source = "analytics"}};
    const auto old = post("query", kCount);
    EXPECT_EQ(code(old), "412 freshness_not_met");
    EXPECT_EQ(json::parse(old.body).at("wanted").as_string(), tokens.issue(seen));
    EXPECT_EQ(json::parse(old.body).at("source").as_string(), "analytics");
}

// Goal: where the answer shows that a failover lost the commit of the token, no data is sent.
TEST_F(AnalyticsRoutes, ALostTokenIsRefusedInEveryFormat) {
    const std::string lost = "X-Consistency-Token: " + tokens.issue({1, Lsn{0x181}}) + "\r\n";
    analytics.position = {2, Lsn{0x200}};
    for (const char* path : {"sql", "sql?format=csv", "export"}) {
        tokens.history = query::ServerHistory("7000000000000000001", 1, {});
        tokens.promoted =
            query::ServerHistory("7000000000000000001", 2, {{.timeline = 1, .at = Lsn{0x180}}});
        const std::string_view body = path == std::string_view("export") ? "" : R"({"sql": ""})";
        EXPECT_EQ(code(post(path, body, lost)), "409 token_from_lost_timeline") << path;
    }
}

TEST_F(AnalyticsRoutes, NamedQueriesAreListed) {
    RawClient client(server->port());
    const auto answer =
        client
            .ask(request_text("GET /v1/analytics/queries", "Authorization: Bearer atlas_read\r\n"))
            .value();
    EXPECT_EQ(json::serialize(json::parse(answer.body).at("queries").at(0).at("params")),
              R"([{"name":"attribute","type":"string","default":null,"description":"which"},)"
              R"({"name":"from","type":"timestamp","default":"now-7d","description":"since"}])");
}

// Goal: an export comes in chunks; one that breaks off ends without its last chunk.
TEST_F(AnalyticsRoutes, ExportsStream) {
    const auto whole = post("export", R"({"format": "csv"})");
    EXPECT_EQ(whole.status, 200);
    EXPECT_EQ(whole.headers.at("transfer-encoding"), "chunked");
    EXPECT_EQ(whole.headers.at("content-type"), "text/csv");
    EXPECT_EQ(whole.body.size(), 500'005U);
    analytics.stream_fails = true;
    RawClient client(server->port());
    EXPECT_FALSE(client.ask(
        request_text("POST /v1/analytics/export", "Authorization: Bearer atlas_read\r\n", "{}")));
}

// Goal: a client that closes its connection ends its query.
TEST_F(AnalyticsRoutes, AClientThatGoesAwayCancels) {
    analytics.wait_for_stop = true;
    {
        RawClient client(server->port());
        client.send(request_text("POST /v1/analytics/query", "Authorization: Bearer atlas_read\r\n",
                                 kCount));
        ASSERT_TRUE(test::eventually([&] { return analytics.started.load(); }));
        EXPECT_FALSE(analytics.stopped);
    }
    EXPECT_TRUE(test::eventually([&] { return analytics.stopped.load(); }));
}

}  // namespace
}  // namespace atlas::http
