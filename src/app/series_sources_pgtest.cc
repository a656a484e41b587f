// SPDX-License-Identifier: Apache-2.0
//
// Goal: a series is the same, to the byte, whichever source it is read from, and a page token of
// one source is good at the other.
// Method: telemetry of every type, with nulls, late merges, a type that widens and one that was
// changed, written through HTTP into PostgreSQL and followed by the store; then the same requests
// to both readers.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "app/analytics_answers.h"
#include "app/change_stream.h"
#include "app/gateway.h"
#include "http/server/test_server.h"
#include "primary/primary_reader.h"
#include "testing/eventually.h"
#include "testing/test_cluster.h"

namespace atlas::app {
namespace {

using query::Aggregate;
using query::SeriesRequest;
using test::TestCluster;

const Time kFrom = *parse_rfc3339("2026-10-24T00:00:00Z");
const Time kTo = *parse_rfc3339("2026-10-27T00:00:00Z");

class SeriesSources : public ::testing::Test {
protected:
    SeriesSources() {
        // A role that may follow the log.
        const std::string owner = TestCluster::shared().as_superuser(conninfo_);
        auto analytics = std::make_unique<Analytics>(owner, "", process_);
        store_ = analytics.get();
        auto stream = std::make_unique<ChangeStream>(
            owner, std::vector<StreamFollower>{store_->follower()}, process_);
        store_->follow(*stream);
        services_.add(std::move(analytics));
        services_.add(std::move(stream));
        auto gateway =
            std::make_unique<Gateway>(GatewayOptions{.listen = {.host = "127.0.0.1", .port = 0},
                                                     .conninfo = conninfo_,
                                                     .auth_off = true},
                                      process_, services_);
        Gateway& serving = *gateway;
        services_.add(std::move(gateway));
        services_.start();
        const std::string url = serving.url();
        port_ = static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1)));
        answers_.emplace(*store_, pool_, catalog_, clock_, config_);
    }
    ~SeriesSources() override {
        services_.stop();
        EXPECT_TRUE(TestCluster::shared().drop_slots(conninfo_));
    }

    void send(std::string_view method_and_target, std::string_view body) const {
        http::RawClient client(port_);
        const auto answer = client.ask(
            http::request_text(method_and_target, "Content-Type: application/json\r\n", body));
        ASSERT_TRUE(answer);
        ASSERT_LT(answer->status, 300) << answer->body;
    }

    void write() const {
        std::string items;
        const auto at = [](int minute) {
            return format_rfc3339(kFrom + std::chrono::minutes{minute});
        };
        for (int i = 0; i < 240; ++i) {
            const int entity = i % 4;
            items += fmt::format(
                R"({}{{"entity": "e{}", "type": "t{}", "at": "{}", )"
                R"("attributes": {{"d": {}, "n": {}, )"
                R"("price": "{}.{:03}", "status": "{}", "on": {}, "seen": "{}", "extra": [{}]}}}})",
                i > 0 ? "," : "", entity, entity % 2, at(i * 17), i * 0.1 - 3,
                i % 9 == 8 ? "null" : std::to_string(i * i - 500), i, i, i % 5 == 0 ? "off" : "on",
                i % 2 == 0, at(i), i);
        }
        send("PUT /v1/attributes/price", R"({"type": "decimal"})");
        send("PUT /v1/attributes/seen", R"({"type": "timestamp"})");
        send("POST /v1/telemetry", "[" + items + "]");
        // The int widens, and points are merged into an observation that is there.
        send(
            "POST /v1/telemetry",
            fmt::format(R"([{{"entity": "e0", "at": "{}", "attributes": {{"n": 0.5}}}},)"
                        R"( {{"entity": "e0", "at": "{}", "attributes": {{"d": 77, "late": 5}}}}])",
                        at(7), at(0)));
        send("PATCH /v1/attributes/late", R"({"type": "string"})");
        send(
            "POST /v1/telemetry",
            fmt::format(R"({{"entity": "e0", "at": "{}", "attributes": {{"late": "x"}}}})", at(9)));
        send("DELETE /v1/entities/e3", "");
    }

    // Where the log is now.
    Lsn written() {
        auto session = pool_.acquire().value();
        const auto rows = session->exec("SELECT pg_current_wal_flush_lsn()").value();
        return *parse_lsn(rows.text(0, 0));
    }
    // The store has everything that was written by then.
    bool holds(Lsn position) {
        const auto state = store_->store().state();
        return store_->filled() && state && state->until && state->until->lsn >= position;
    }

    SeriesRequest request(std::optional<std::string> entity, const char* names) const {
        SeriesRequest request;
        request.tenant = kDefaultTenant;
        request.entity = std::move(entity);
        request.names = query::parse_names(names, "attributes").value();
        request.from = kFrom;
        request.to = kTo;
        request.question = "test";
        return request;
    }

    // All pages of the primary, each compared with that of the store, which takes the primary's
    // tokens.
    void compare(SeriesRequest request, const std::string& what) {
        SCOPED_TRACE(what);
        for (int pages = 0; pages < 500; ++pages) {
            const auto expected = primary_.series(request);
            const auto page = answers_->source().reader.series(request);
            ASSERT_TRUE(expected) << expected.error().detail;
            ASSERT_TRUE(page) << page.error().detail;
            ASSERT_EQ(page->series, expected->series) << "page " << pages;
            ASSERT_EQ(page->next_page_token, expected->next_page_token) << "page " << pages;
            if (expected->next_page_token.empty()) return;
            request.page_token = expected->next_page_token;
        }
        ADD_FAILURE() << "more than 500 pages";
    }

    const std::string conninfo_ = TestCluster::shared().make_database();
    const config::Config config_{};
    observe::Registry registry_;
    const SystemClock clock_;
    const ProcessContext process_{config_, registry_, clock_};
    Services services_;
    Analytics* store_ = nullptr;
    std::uint16_t port_ = 0;
    catalog::Catalog catalog_{clock_};
    storage::ShapeRegistry shapes_{clock_};
    pg::Pool pool_{conninfo_, primary::read_session_settings(), 4};
    primary::PrimaryReader primary_{pool_, catalog_, shapes_, clock_};
    std::optional<AnalyticsAnswers> answers_;
};

TEST_F(SeriesSources, PrimaryAndStoreGiveTheSame) {
    write();
    const Lsn position = written();
    ASSERT_TRUE(test::eventually([&] { return holds(position); }));
    const auto utc = std::optional<TimeZone>{};
    const auto berlin = TimeZone::find("Europe/Berlin");
    struct Form {
        std::string what;
        std::optional<query::BucketStep> step;
        bool raw;
        std::vector<Aggregate> aggregates;
    };
    const std::vector<Form> forms{
        {"raw", {}, true, {}},
        {"1h", query::BucketStep::parse("1h", utc), false, {}},
        {"7m, all",
         query::BucketStep::parse("7m", utc),
         false,
         {Aggregate::avg, Aggregate::min, Aggregate::max, Aggregate::sum, Aggregate::count,
          Aggregate::first, Aggregate::last, Aggregate::p50, Aggregate::p95, Aggregate::p99}},
        {"6h of doubles, from hours",
         query::BucketStep::parse("6h", utc),
         false,
         {Aggregate::avg, Aggregate::min, Aggregate::max, Aggregate::sum, Aggregate::count,
          Aggregate::first, Aggregate::last}},
        {"days of Berlin",
         query::BucketStep::parse("1d", berlin),
         false,
         {Aggregate::count, Aggregate::first, Aggregate::last}},
        {"whole range", {}, false, {Aggregate::count, Aggregate::last}}};
    for (const Form& form : forms) {
        for (const bool descending : {false, true}) {
            for (const int page_size : {60, 100'000}) {
                const std::string what = fmt::format("{} {} {}", form.what, descending, page_size);
                const char* names = form.aggregates.size() == 10  ? "d,n,price"
                                    : form.aggregates.size() == 7 ? "d"
                                                                  : "*";
                const auto ask = [&](std::optional<std::string> entity, bool merged) {
                    SeriesRequest request = this->request(std::move(entity), names);
                    request.step = form.step;
                    request.raw = form.raw;
                    request.aggregates = form.aggregates;
                    request.descending = descending;
                    request.page_size = page_size;
                    request.merged = merged;
                    if (merged) request.filter = query::parse_filter("type = \"t0\"").value();
                    compare(std::move(request), what + (merged ? " merged" : " apart"));
                };
                ask("e0", false);
                ask("e3", false);
                ask(std::nullopt, false);
                ask(std::nullopt, true);
            }
        }
    }
    const auto nobody = answers_->source().reader.series(request("nobody", "d"));
    ASSERT_FALSE(nobody);
    EXPECT_EQ(nobody.error().code, query::ErrorCode::entity_not_found);
}

}  // namespace
}  // namespace atlas::app
