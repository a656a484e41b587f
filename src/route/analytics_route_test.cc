// SPDX-License-Identifier: Apache-2.0
#include "route/analytics_route.h"

#include <gtest/gtest.h>

namespace atlas::route {
namespace {

using namespace std::chrono_literals;
using query::ErrorCode;
using query::Level;

constexpr Time kNoon = time_from_micros(1'795'262'400'000'000);

struct GivenLag final : Lag {
    std::optional<Micros> lag = 0s;
    std::optional<Micros> measured() const override { return lag; }
    std::optional<Time> as_of() const override { return kNoon; }
    std::optional<LogPosition> until;
    std::optional<LogPosition> holds() const override { return until; }
    std::string why;
    std::string stopped() const override { return why; }
};

class OneByte final : public query::ByteStream {
public:
    explicit OneByte(query::Snapshot snapshot) : snapshot_(std::move(snapshot)) {}
    query::Answer<bool> next(std::string& chunk) override {
        chunk = "x";
        return !std::exchange(done_, true);
    }
    const query::Snapshot& snapshot() const override { return snapshot_; }

private:
    const query::Snapshot snapshot_;
    bool done_ = false;
};

// Holds everything up to 1, 0/100.
class Store final : public query::Analytics {
public:
    query::Answer<query::ResultTable> query(const query::AnalyticsRequest&, query::ResultFormat,
                                            const query::Caller&) override {
        return answer();
    }
    query::Answer<query::ResultTable> sql(const query::SqlRequest&, query::ResultFormat,
                                          const query::Caller&) override {
        return answer();
    }
    std::vector<query::NamedQuery> queries() const override {
        return std::vector<query::NamedQuery>(3);
    }
    query::Answer<query::ResultTable> named(const query::NamedRequest&, query::ResultFormat,
                                            const query::Caller&) override {
        return answer();
    }
    query::Answer<std::unique_ptr<query::ByteStream>> export_points(const query::ExportRequest&,
                                                                    const query::Caller&) override {
        ++asked;
        return std::make_unique<OneByte>(snapshot());
    }
    int asked = 0;

private:
    static query::Snapshot snapshot() {
        query::Snapshot snapshot;
        snapshot.position = {.timeline = 1, .lsn = {0x100}};
        snapshot.holds = snapshot.position;
        return snapshot;
    }
    query::Answer<query::ResultTable> answer() {
        ++asked;
        query::ResultTable table;
        table.snapshot = snapshot();
        return table;
    }
};

struct Analytics : testing::Test {
    // The answer of every kind of question, which are the same.
    query::Answer<query::Snapshot> ask(const query::Demand& demand) {
        const query::Caller caller{.demand = demand};
        const std::vector<query::Answer<query::ResultTable>> tables{
            route.query({}, query::ResultFormat::json, caller),
            route.sql({}, query::ResultFormat::json, caller),
            route.named({}, query::ResultFormat::json, caller)};
        auto stream = route.export_points({}, caller);
        for (const auto& table : tables) {
            EXPECT_EQ(table.has_value(), stream.has_value());
            if (table) EXPECT_EQ(table->snapshot.source, (*stream)->snapshot().source);
        }
        if (!stream) return failure(stream.error());
        std::string chunk;
        EXPECT_TRUE(*(*stream)->next(chunk));
        EXPECT_EQ(chunk, "x");
        EXPECT_FALSE(*(*stream)->next(chunk));
        return (*stream)->snapshot();
    }

    GivenLag lag;
    Store store;
    AnalyticsRoute route{"analytics", store, lag, {.target = 5min, .maximum = 15min}};
};

TEST_F(Analytics, StateHowOldTheyAre) {
    lag.lag = 2s;
    const auto snapshot = ask({}).value();
    EXPECT_EQ(snapshot.source, "analytics");
    EXPECT_EQ(snapshot.lag, 2s);
    EXPECT_EQ(snapshot.as_of, kNoon);
    EXPECT_TRUE(snapshot.warnings.empty());
    lag.lag = 6min;
    EXPECT_EQ(ask({})->warnings.at(0).code, "analytics_lagging");
    lag.lag = 16min;
    EXPECT_EQ(ask({})->warnings.at(0).code, "analytics_stale");
    lag.lag = std::nullopt;
    EXPECT_EQ(ask({})->warnings.at(0).code, "analytics_stale");
    EXPECT_EQ(ask({})->warnings.at(0).detail, "How far analytics is behind is not known.");
    lag.why = "It has stopped.";
    EXPECT_EQ(ask({})->warnings.at(0).detail,
              "How far analytics is behind is not known. It has stopped.");
    EXPECT_EQ(route.queries().size(), 3U);
}

// On an idle system the log goes on without commits: nothing is missing then.
TEST_F(Analytics, HoldWhatTheLogHasNotForThem) {
    const query::Demand demand{.floor = LogPosition(1, Lsn{0x180})};
    lag.until = LogPosition(1, Lsn{0x17f});
    EXPECT_FALSE(ask(demand));
    lag.until = LogPosition(1, Lsn{0x180});
    const auto snapshot = ask(demand);
    ASSERT_TRUE(snapshot);
    EXPECT_EQ(snapshot->position.lsn, Lsn{0x100});
    lag.until = LogPosition(1, Lsn{0x80});
    EXPECT_TRUE(ask({.floor = LogPosition(1, Lsn{0x100})}));
}

TEST_F(Analytics, RefuseWhatTheyAreTooOldFor) {
    lag.lag = 2s;
    EXPECT_TRUE(ask({.max_lag = 2s}));
    const auto old = ask({.max_lag = 1s});
    ASSERT_FALSE(old);
    EXPECT_EQ(old.error().code, ErrorCode::freshness_not_met);
    EXPECT_EQ(old.error().best->source, "analytics");
    EXPECT_EQ(old.error().best->lag, 2s);
    const int before = store.asked;
    lag.lag = 0s;
    EXPECT_EQ(ask({.level = Level::strong}).error().code, ErrorCode::freshness_not_met);
    EXPECT_EQ(store.asked, before);
    EXPECT_TRUE(ask({.level = Level::session, .floor = LogPosition(1, Lsn{0x100})}));
    const auto behind = ask({.level = Level::session, .floor = LogPosition(1, Lsn{0x101})});
    ASSERT_FALSE(behind);
    EXPECT_EQ(behind.error().best->position.lsn, Lsn{0x100});
    EXPECT_FALSE(ask({.floor = LogPosition(2, Lsn{1})}));
    AnalyticsRoute strict("analytics", store, lag,
                          {.target = 1s, .maximum = 1s, .beyond = Budget::Beyond::pass_on});
    lag.lag = 2s;
    EXPECT_FALSE(strict.sql({}, query::ResultFormat::json, {}));
}

}  // namespace
}  // namespace atlas::route
