// SPDX-License-Identifier: Apache-2.0
//
// The read contract, from outside: two tables in memory, read through the router and the HTTP
// routes, over real sockets, without PostgreSQL. What holds here holds for every later source.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "http/routes/read/routes.h"
#include "http/server/test_server.h"
#include "query/test_table_reader.h"
#include "query/test_tokens.h"
#include "route/router.h"
#include "testing/eventually.h"

namespace atlas::http {
namespace {

namespace json = boost::json;
using query::TableReader;
using testing::HasSubstr;

constexpr Time kNoon = time_from_micros(1'795'262'400'000'000);  // 2026-11-21T12:00:00Z

struct GivenLag final : route::Lag {
    std::optional<Micros> lag;
    std::optional<Micros> measured() const override { return lag; }
};

// "table" is two seconds old and lacks the last commit; "truth" has everything.
struct ReadContract : testing::Test {
    ReadContract() {
        table_lag.lag = std::chrono::seconds{2};
        truth_lag.lag = Micros{0};
        for (const std::string name : {"fan-1", "pump-1", "pump-2", "pump-3"}) {
            TableReader::Row row{.entity = {.external_id = name,
                                            .type = name.substr(0, name.find('-')),
                                            .created_at = kNoon,
                                            .updated_at = kNoon,
                                            .last_observed_at = kNoon},
                                 .texts = {{"status", name == "pump-2" ? "offline" : "online"}},
                                 .history = {}};
            for (int minute = 0; minute < 4; ++minute) {
                row.history["pressure"][kNoon + std::chrono::minutes{minute}] = minute;
            }
            table.put(row);
            truth.put(row);
        }
    }

    // Serves from `sources`, in their order.
    void serve(std::vector<route::Source> sources) {
        server.reset();
        router.emplace(std::move(sources));
        context.emplace(*router, tokens, std::chrono::days{31});
        server.emplace(read_routes(*context));
    }
    route::Source table_source() { return {.name = "table", .reader = table, .lag = table_lag}; }
    route::Source truth_source() {
        return {.name = "truth", .reader = truth, .lag = truth_lag, .authoritative = true};
    }

    RawAnswer get(std::string_view target, std::string headers = "") {
        RawClient client(server->port());
        headers = "Authorization: Bearer atlas_read\r\n" + headers;
        return client.ask(request_text("GET " + std::string(target), headers)).value();
    }
    static json::value body(const RawAnswer& answer) { return json::parse(answer.body); }
    static std::string source(const RawAnswer& answer) {
        EXPECT_EQ(answer.status, 200) << answer.body;
        return answer.headers.at("x-data-source");
    }

    std::string token(std::uint64_t lsn) { return tokens.issue({1, Lsn{lsn}}); }
    // As a header of a request.
    std::string demand(std::uint64_t lsn) { return "X-Consistency-Token: " + token(lsn) + "\r\n"; }

    GivenLag table_lag, truth_lag;
    query::TestTokens tokens{Lsn{0x300}};
    TableReader table{Lsn{0x100}, kNoon};
    TableReader truth{Lsn{0x200}, kNoon + std::chrono::seconds{2}};
    std::optional<route::Router> router;
    std::optional<ReadContext> context;
    std::optional<TestServer> server;
};

TEST_F(ReadContract, AnEntityStatesItsFreshnessInHeadersAndBody) {
    serve({table_source(), truth_source()});
    const RawAnswer answer = get("/v1/entities/pump-1");
    ASSERT_EQ(source(answer), "table");
    EXPECT_EQ(answer.headers.at("x-data-lag-seconds"), "2");
    EXPECT_EQ(answer.headers.at("x-consistency-level"), "eventual");
    EXPECT_EQ(answer.headers.at("x-cache-status"), "bypass");
    EXPECT_EQ(answer.headers.at("x-consistency-token"), token(0x100));
    EXPECT_TRUE(answer.headers.contains("x-query-duration-ms"));
    const json::value entity = body(answer);
    EXPECT_EQ(entity.at("entity").as_string(), "pump-1");
    EXPECT_EQ(entity.at("attributes").at("status").as_string(), "online");
    const json::value& metadata = entity.at("_metadata");
    EXPECT_EQ(metadata.at("source").as_string(), "table");
    EXPECT_EQ(metadata.at("lag_seconds").as_double(), 2.0);
    EXPECT_EQ(metadata.at("as_of").as_string(), "2026-11-21T12:00:00.000000Z");
    EXPECT_EQ(metadata.at("consistency_token").as_string(), token(0x100));
    EXPECT_EQ(get("/v1/entities/nothing").status, 404);
    EXPECT_EQ(get("/v1/entities/pump-1?attributes=nothing").status, 400);
}

// Goal: a client that has the entity as it is gets 304, with what is true of the freshness now.
TEST_F(ReadContract, AnEntityThatIsKnownIsNotSentAgain) {
    serve({table_source(), truth_source()});
    const RawAnswer answer = get("/v1/entities/pump-1");
    ASSERT_EQ(answer.status, 200);
    const std::string etag = answer.headers.at("etag");
    table_lag.lag = Micros{1'500'000};
    const RawAnswer again = get("/v1/entities/pump-1", "If-None-Match: " + etag + "\r\n");
    EXPECT_EQ(again.status, 304);
    EXPECT_EQ(again.body, "");
    EXPECT_EQ(again.headers.at("etag"), etag);
    EXPECT_EQ(again.headers.at("x-data-lag-seconds"), "1.5");
    EXPECT_EQ(again.headers.at("x-consistency-token"), token(0x100));
    const std::string known = "If-None-Match: \"x\", " + etag + "\r\n";
    EXPECT_EQ(get("/v1/entities/pump-1", known).status, 304);
    EXPECT_EQ(get("/v1/entities/pump-2", known).status, 200);
    EXPECT_EQ(get("/v1/entities/nothing", "If-None-Match: *\r\n").status, 404);
}

// Goal: reads of a tenant show what the same gateway acknowledged of it, by no other token.
TEST_F(ReadContract, AGatewayShowsWhatItAcknowledged) {
    serve({table_source(), truth_source()});
    RecentWrites writes;
    context->writes = &writes;
    writes.note(TenantId{99}, {1, Lsn{0x180}});
    EXPECT_EQ(source(get("/v1/entities/pump-1")), "table");
    writes.note(kDefaultTenant, {1, Lsn{0x180}});
    const RawAnswer answer = get("/v1/entities/pump-1");
    EXPECT_EQ(source(answer), "truth");
    EXPECT_EQ(answer.headers.at("x-consistency-level"), "eventual");
    server.reset();
}

// Goal: what holds for one entity holds for every other read.
TEST_F(ReadContract, EveryReadStatesItsFreshnessOrIs412) {
    serve({table_source()});
    for (const std::string target : {"/v1/entities/pump-1?", "/v1/entities?",
                                     "/v1/entities/pump-1/series?attributes=pressure"}) {
        const RawAnswer answer = get(target);
        ASSERT_EQ(source(answer), "table") << target;
        EXPECT_EQ(answer.headers.at("x-data-lag-seconds"), "2") << target;
        EXPECT_EQ(answer.headers.at("x-consistency-level"), "eventual") << target;
        EXPECT_EQ(answer.headers.at("x-cache-status"), "bypass") << target;
        EXPECT_EQ(answer.headers.at("x-consistency-token"), token(0x100)) << target;
        EXPECT_TRUE(answer.headers.contains("x-query-duration-ms")) << target;
        const json::value metadata = body(answer).at("_metadata");
        EXPECT_EQ(metadata.at("source").as_string(), "table") << target;
        EXPECT_EQ(metadata.at("as_of").as_string(), "2026-11-21T12:00:00.000000Z") << target;
        EXPECT_EQ(metadata.at("consistency_token").as_string(), token(0x100)) << target;
        const int before = table.asked();
        const RawAnswer stale = get(target + "&max_lag=1s");
        EXPECT_EQ(stale.status, 412) << target << stale.body;
        EXPECT_EQ(body(stale).at("code").as_string(), "freshness_not_met") << target;
        EXPECT_EQ(table.asked(), before) << target;
        const RawAnswer beyond = get(target, demand(0x101));
        EXPECT_EQ(beyond.status, 412) << target << beyond.body;
        EXPECT_EQ(body(beyond).at("wanted").as_string(), token(0x101)) << target;
    }
}

TEST_F(ReadContract, AListIsFilteredAndItsPageTokensAreGoodAtEverySource) {
    serve({table_source(), truth_source()});
    const std::string target = "/v1/entities?filter=status%20%3D%20%22online%22&page_size=2";
    const RawAnswer first = get(target);
    ASSERT_EQ(source(first), "table");
    ASSERT_EQ(body(first).at("entities").as_array().size(), 2U);
    EXPECT_EQ(body(first).at("entities").at(1).at("entity").as_string(), "pump-1");
    const std::string token(body(first).at("next_page_token").as_string());
    const RawAnswer second = get(target + "&max_lag=1s&page_token=" + token);
    ASSERT_EQ(source(second), "truth");
    ASSERT_EQ(body(second).at("entities").as_array().size(), 1U);
    EXPECT_EQ(body(second).at("entities").at(0).at("entity").as_string(), "pump-3");
    EXPECT_EQ(body(second).at("next_page_token").as_string(), "");
    EXPECT_THAT(get("/v1/entities?page_token=" + token).body, HasSubstr("invalid_page_token"));
}

TEST_F(ReadContract, SeriesComeRawAndInBucketsPageByPage) {
    serve({table_source(), truth_source()});
    const std::string target =
        "/v1/entities/pump-1/series?attributes=pressure&time=unix_ms"
        "&from=2026-11-21T12:00:00Z&to=2026-11-21T12:04:00Z";
    const RawAnswer first = get(target + "&page_size=3");
    ASSERT_EQ(source(first), "table");
    EXPECT_EQ(json::serialize(body(first).at("series").at(0).at("points")),
              "[[1795262400000,0],[1795262460000,1],[1795262520000,2]]");
    const std::string token(body(first).at("next_page_token").as_string());
    const RawAnswer rest = get(target + "&page_size=3&consistency=strong&page_token=" + token);
    ASSERT_EQ(source(rest), "truth");
    EXPECT_EQ(json::serialize(body(rest).at("series").at(0).at("points")), "[[1795262580000,3]]");
    const RawAnswer buckets = get(target + "&step=2m&agg=max,count");
    EXPECT_EQ(json::serialize(body(buckets).at("series").at(0).at("points")),
              "[[1795262400000,1,2],[1795262520000,3,2]]");
    // The day of Kolkata began at half past six in the evening before.
    const RawAnswer days = get(target + "&step=1d&timezone=Asia/Kolkata&agg=max,count");
    EXPECT_EQ(json::serialize(body(days).at("series").at(0).at("points")), "[[1795199400000,3,4]]");
    EXPECT_EQ(body(days).at("timezone").as_string(), "Asia/Kolkata");
    EXPECT_THAT(get(target + "&step=1d&timezone=Mars/Olympus").body, HasSubstr("tz database"));
    EXPECT_THAT(get(target + "&timezone=Asia/Kolkata").body, HasSubstr("give step as well"));
    EXPECT_THAT(get(target + "&step=1month").body, HasSubstr("1mo"));
    EXPECT_EQ(get("/v1/entities/nothing/series").status, 404);
}

TEST_F(ReadContract, WhatIsDemandedDecidesWhoIsAsked) {
    serve({table_source(), truth_source()});
    EXPECT_EQ(source(get("/v1/entities/pump-1?max_lag=2s")), "table");
    EXPECT_EQ(source(get("/v1/entities/pump-1?max_lag=1s")), "truth");
    EXPECT_EQ(source(get("/v1/entities/pump-1?consistency=strong")), "truth");
    EXPECT_EQ(source(get("/v1/entities/pump-1", demand(0x100))), "table");
    const RawAnswer floor = get("/v1/entities/pump-1", demand(0x101));
    EXPECT_EQ(source(floor), "truth");
    EXPECT_EQ(floor.headers.at("x-consistency-level"), "session");
}

// Goal: a response read while its source moved on shows commits up to 0x180, but holds only those
// up to 0x100: it does not pass for one that holds 0x101.
TEST_F(ReadContract, WhatAResponseShowsIsNotWhatItHolds) {
    TableReader moving{
        {.timeline = 1, .lsn = Lsn{0x100}}, {.timeline = 1, .lsn = Lsn{0x180}}, kNoon};
    moving.put({.entity = {.external_id = "pump-1",
                           .type = "pump",
                           .created_at = kNoon,
                           .updated_at = kNoon},
                .texts = {},
                .history = {}});
    serve({{.name = "moving", .reader = moving, .lag = table_lag}, truth_source()});
    EXPECT_EQ(source(get("/v1/entities/pump-1", demand(0x100))), "moving");
    EXPECT_EQ(source(get("/v1/entities/pump-1", demand(0x101))), "truth");
}

// Goal: a token that can never be met is refused at once, and no source is asked.
TEST_F(ReadContract, ATokenThatThisServerDoesNotKnowIsRefused) {
    serve({table_source(), truth_source()});
    const auto refused = [&](const std::string& header) {
        const RawAnswer answer =
            get("/v1/entities/pump-1", "X-Consistency-Token: " + header + "\r\n");
        EXPECT_EQ(body(answer).at("parameter").as_string(), "consistency_token");
        return std::to_string(answer.status) + ' ' +
               std::string(body(answer).at("code").as_string());
    };
    EXPECT_EQ(source(get("/v1/entities/pump-1", "X-Consistency-Token: 0/100\r\n")), "table");
    EXPECT_EQ(source(get("/v1/entities/pump-1?consistency_token=" + token(0x200))), "truth");
    const int before = table.asked() + truth.asked();
    EXPECT_EQ(refused("0/301"), "400 invalid_consistency_token");
    EXPECT_EQ(refused(token(0x301)), "400 invalid_consistency_token");
    EXPECT_EQ(refused(tokens.issue({2, Lsn{1}})), "400 invalid_consistency_token");
    EXPECT_EQ(refused("x"), "400 invalid_consistency_token");
    const std::string kept = token(0x100);
    const std::string lost = token(0x200);
    tokens.history = {"7000000000000000001", 2, {{.timeline = 1, .at = Lsn{0x180}}}};
    EXPECT_EQ(refused(lost), "409 token_from_lost_timeline");
    EXPECT_EQ(source(get("/v1/entities/pump-1?consistency_token=" + kept)), "table");
    EXPECT_EQ(table.asked() + truth.asked(), before + 1);
    tokens.history = {"7000000000000000002", 1, {}};
    EXPECT_EQ(refused(kept), "400 invalid_consistency_token");
}

// Goal: nobody knew of the failover before the read itself showed it.
TEST_F(ReadContract, AFailoverThatTheReadRevealsLosesItsToken) {
    TableReader promoted{Lsn{0x300}, kNoon, 2};
    promoted.put({.entity = {.external_id = "pump-1",
                             .type = "pump",
                             .created_at = kNoon,
                             .updated_at = kNoon},
                  .texts = {},
                  .history = {}});
    const std::string kept = demand(0x180);
    const std::string lost = demand(0x181);
    tokens.promoted =
        query::ServerHistory("7000000000000000001", 2, {{.timeline = 1, .at = Lsn{0x180}}});
    serve({{.name = "promoted", .reader = promoted, .lag = truth_lag, .authoritative = true}});
    const RawAnswer refused = get("/v1/entities/pump-1", lost);
    EXPECT_EQ(refused.status, 409);
    EXPECT_EQ(body(refused).at("code").as_string(), "token_from_lost_timeline");
    EXPECT_EQ(promoted.asked(), 1);
    EXPECT_EQ(get("/v1/entities/pump-1", lost).status, 409);
    EXPECT_EQ(promoted.asked(), 1);
    EXPECT_EQ(source(get("/v1/entities/pump-1", kept)), "promoted");
}

TEST_F(ReadContract, WhatNoSourceMeetsIs412WithTheBestThereIs) {
    serve({table_source()});
    const RawAnswer stale = get("/v1/entities/pump-1?max_lag=1s");
    ASSERT_EQ(stale.status, 412);
    EXPECT_EQ(body(stale).at("code").as_string(), "freshness_not_met");
    EXPECT_EQ(body(stale).at("source").as_string(), "table");
    EXPECT_EQ(body(stale).at("lag_seconds").to_number<double>(), 2.0);
    EXPECT_EQ(table.asked(), 0);
    serve({table_source(), truth_source()});
    const RawAnswer beyond = get("/v1/entities/pump-1", demand(0x201));
    ASSERT_EQ(beyond.status, 412);
    EXPECT_EQ(body(beyond).at("wanted").as_string(), token(0x201));
    EXPECT_EQ(body(beyond).at("source").as_string(), "truth");
    EXPECT_EQ(body(beyond).at("consistency_token").as_string(), token(0x200));
    EXPECT_EQ(body(beyond).at("as_of").as_string(), "2026-11-21T12:00:02.000000Z");
}

TEST_F(ReadContract, AnUnknownLagIsSaidToBeUnknownAndCountsAsStale) {
    table_lag.lag = std::nullopt;
    serve({table_source(), truth_source()});
    EXPECT_EQ(source(get("/v1/entities/pump-1")), "truth");
    serve({table_source()});
    const RawAnswer answer = get("/v1/entities/pump-1");
    EXPECT_EQ(source(answer), "table");
    EXPECT_EQ(answer.headers.at("x-data-lag-seconds"), "unknown");
    EXPECT_TRUE(body(answer).at("_metadata").at("lag_seconds").is_null());
    EXPECT_EQ(get("/v1/entities/pump-1?max_lag=1h").status, 412);
}

// Goal: within its target a source serves without a word, up to its maximum with a warning if none
// is better, and beyond it only if nobody else can and its budget says so.
TEST_F(ReadContract, ABudgetDecidesBetweenSources) {
    using namespace std::chrono_literals;
    const auto with = [&](Micros target, Micros maximum, route::Budget::Beyond beyond) {
        route::Source source = table_source();
        source.name = "replica-1";
        source.budget = {.target = target, .maximum = maximum, .beyond = beyond};
        return source;
    };
    const auto pass_on = route::Budget::Beyond::pass_on;
    const auto warnings = [&](const RawAnswer& answer) {
        const json::value metadata = body(answer).at("_metadata");
        const json::value* list = metadata.as_object().if_contains("warnings");
        return list == nullptr ? std::string() : std::string(list->at(0).at("code").as_string());
    };
    serve({with(2s, 5s, pass_on), truth_source()});
    EXPECT_EQ(source(get("/v1/entities/pump-1")), "replica-1");
    EXPECT_EQ(warnings(get("/v1/entities/pump-1")), "");
    serve({with(1s, 5s, pass_on), truth_source()});
    EXPECT_EQ(source(get("/v1/entities/pump-1")), "truth");
    truth.fail_with(query::ErrorCode::unavailable);
    const RawAnswer lagging = get("/v1/entities/pump-1");
    EXPECT_EQ(source(lagging), "replica-1");
    EXPECT_EQ(warnings(lagging), "replica_1_lagging");
    EXPECT_THAT(lagging.body, HasSubstr("replica-1 is 2 s behind; its target is 1 s."));
    serve({with(1s, 1s, pass_on), truth_source()});
    EXPECT_EQ(get("/v1/entities/pump-1").status, 503);
    EXPECT_EQ(get("/v1/entities/pump-1?max_lag=1h").status, 503);
    serve({with(1s, 1s, route::Budget::Beyond::answer), truth_source()});
    EXPECT_EQ(warnings(get("/v1/entities/pump-1")), "replica_1_stale");
    EXPECT_EQ(get("/v1/entities/pump-1?max_lag=1s").status, 503);
    table_lag.lag = std::nullopt;
    EXPECT_EQ(warnings(get("/v1/entities/pump-1")), "replica_1_stale");
    serve({with(1s, 1s, pass_on)});
    EXPECT_EQ(get("/v1/entities/pump-1").status, 412);
}

TEST_F(ReadContract, APurposeOnlyTightens) {
    const auto answer = [&](const std::string& parameters) {
        const RawAnswer got = get("/v1/entities/pump-1?" + parameters);
        return source(got) + ' ' + got.headers.at("x-consistency-level");
    };
    serve({table_source(), truth_source()});
    EXPECT_EQ(answer("purpose=dashboard"), "table eventual");
    EXPECT_EQ(answer("purpose=alert"), "truth strong");
    EXPECT_EQ(answer("purpose=alert&consistency=eventual&max_lag=1h"), "truth strong");
    EXPECT_EQ(answer("purpose=export"), "table eventual");
    EXPECT_EQ(answer("purpose=export&max_lag=1s"), "truth eventual");
    table_lag.lag = std::chrono::minutes{16};
    EXPECT_EQ(answer("purpose=export&max_lag=1h"), "truth eventual");
    EXPECT_EQ(answer("purpose=dashboard&max_lag=1h"), "table eventual");
    EXPECT_EQ(get("/v1/entities/pump-1?purpose=fun").status, 400);
}

// Goal: what is for the analytics store neither burdens another source nor is burdened with the
// rest; and it says how old it is.
TEST_F(ReadContract, SeriesOfAnalyticsComeFromItsStoreOnly) {
    using namespace std::chrono_literals;
    const std::string series =
        "/v1/entities/pump-1/series?attributes=pressure&consistency=analytics";
    const std::string wide = series + "&from=2026-01-01T00:00:00Z&to=2026-11-22T00:00:00Z";
    serve({truth_source()});
    const RawAnswer none = get(wide);
    EXPECT_EQ(none.status, 503);
    EXPECT_EQ(body(none).at("code").as_string(), "analytics_unavailable");
    EXPECT_EQ(get(series).status, 503);
    const std::string long_ago =
        "/v1/entities/pump-1/series?attributes=pressure&from=2026-01-01T00:00:00Z"
        "&to=2026-11-22T00:00:00Z";
    EXPECT_EQ(body(get(long_ago)).at("code").as_string(), "time_range_too_wide");
    EXPECT_EQ(truth.asked(), 0);

    struct StoreLag final : route::Lag {
        Micros lag{};
        std::optional<Micros> measured() const override { return lag; }
        std::optional<Time> as_of() const override { return kNoon + 1h - lag; }
    } store_lag;
    const auto store = [&] {
        return route::Source{.name = "analytics",
                             .reader = table,
                             .lag = store_lag,
                             .budget = {.target = 5min, .maximum = 15min},
                             .analytics = true};
    };
    store_lag.lag = 4min;
    serve({truth_source(), store()});
    const RawAnswer fresh = get(wide);
    EXPECT_EQ(source(fresh), "analytics");
    EXPECT_EQ(fresh.headers.at("x-data-lag-seconds"), "240");
    const json::value metadata = body(fresh).at("_metadata");
    EXPECT_EQ(metadata.at("as_of").as_string(), "2026-11-21T12:56:00.000000Z");
    EXPECT_EQ(metadata.at("lag_seconds").to_number<double>(), 240);
    EXPECT_FALSE(metadata.as_object().contains("warnings"));
    // A range beyond the bound of other sources goes there by itself, what must be fresher does
    // not.
    EXPECT_EQ(source(get(long_ago)), "analytics");
    EXPECT_EQ(get(long_ago + "&max_lag=1m").status, 412);
    EXPECT_EQ(body(get(long_ago + "&consistency=strong")).at("code").as_string(),
              "time_range_too_wide");
    store_lag.lag = 6min;
    EXPECT_THAT(get(wide).body, HasSubstr("analytics_lagging"));
    store_lag.lag = 16min;
    EXPECT_THAT(get(wide).body,
                HasSubstr(R"({"code":"analytics_stale","detail":"analytics is 960 s behind)"));
    EXPECT_EQ(get(wide + "&purpose=export").status, 412);
    EXPECT_EQ(get(wide + "&purpose=alert").status, 400);
    EXPECT_EQ(get(wide + "&max_lag=15m").status, 412);
    const int before = table.asked();
    EXPECT_EQ(source(get("/v1/entities/pump-1?consistency=analytics")), "truth");
    EXPECT_EQ(source(get("/v1/entities/pump-1/series?attributes=pressure")), "truth");
    EXPECT_EQ(table.asked(), before);
    table.fail_with(query::ErrorCode::unavailable);
    EXPECT_EQ(get(wide).status, 503);
}

// Goal: a client that goes away ends its series in the analytics store, too.
TEST_F(ReadContract, AClientThatGoesAwayCancelsItsSeries) {
    struct Waiting final : query::Reader {
        static auto none() { return failure(query::Error{}); }
        query::Answer<query::EntityAnswer> get(const query::GetRequest&) override { return none(); }
        query::Answer<query::EntityPage> list(const query::ListRequest&) override { return none(); }
        query::Answer<query::SeriesPage> series(const query::SeriesRequest& request) override {
            started = true;
            while (!request.stop.stop_requested()) std::this_thread::yield();
            stopped = true;
            return none();
        }
        std::atomic<bool> started{false};
        std::atomic<bool> stopped{false};
    } waiting;
    serve({{.name = "analytics", .reader = waiting, .lag = truth_lag, .analytics = true}});
    {
        RawClient client(server->port());
        client.send(
            request_text("GET /v1/entities/pump-1/series?attributes=pressure&consistency=analytics",
                         "Authorization: Bearer atlas_read\r\n"));
        ASSERT_TRUE(test::eventually([&] { return waiting.started.load(); }));
        EXPECT_FALSE(waiting.stopped);
    }
    EXPECT_TRUE(test::eventually([&] { return waiting.stopped.load(); }));
    server.reset();
}

TEST_F(ReadContract, ASourceThatFailsGivesWayToTheNext) {
    serve({table_source(), truth_source()});
    table.fail_with(query::ErrorCode::unavailable);
    EXPECT_EQ(source(get("/v1/entities/pump-1")), "truth");
    truth.fail_with(query::ErrorCode::busy);
    const RawAnswer busy = get("/v1/entities/pump-1");
    EXPECT_EQ(busy.status, 503);
    EXPECT_EQ(body(busy).at("code").as_string(), "database_busy");
    EXPECT_TRUE(busy.headers.contains("retry-after"));
    table.fail_with(query::ErrorCode::internal);
    const int before = truth.asked();
    const RawAnswer bug = get("/v1/entities/pump-1", "X-Request-Id: abc-1\r\n");
    EXPECT_EQ(bug.status, 500);
    EXPECT_NE(bug.body.find("see the server log for request abc-1."), std::string::npos);
    EXPECT_EQ(bug.body.find("as the test asked for"), std::string::npos);
    EXPECT_EQ(truth.asked(), before);
}

// Goal: a request that cannot be read costs no source anything.
TEST_F(ReadContract, ATypoReachesNoSource) {
    serve({table_source(), truth_source()});
    for (const std::string_view target :
         {"/v1/entities?filter=status%20%3D", "/v1/entities?order_by=a%20b",
          "/v1/entities?page_size=0", "/v1/entities/pump-1?window=x",
          "/v1/entities/pump-1/series?agg=mean", "/v1/series?filter=%28",
          "/v1/entities?consistency=loose"}) {
        EXPECT_EQ(get(target).status, 400) << target;
    }
    EXPECT_EQ(table.asked() + truth.asked(), 0);
}

}  // namespace
}  // namespace atlas::http
