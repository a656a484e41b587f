// SPDX-License-Identifier: Apache-2.0
//
// Barriers; the rest of the router is tested with the routes, in http/routes/read.
#include "route/router.h"

#include <gtest/gtest.h>

#include "query/test_table_reader.h"

namespace atlas::route {
namespace {

using query::Level;
using query::TableReader;

constexpr Time kThen = time_from_micros(1'795'262'400'000'000);

constexpr LogPosition at(std::uint64_t lsn) {
    return {.timeline = 1, .lsn = Lsn{lsn}};
}

struct KnownLag final : Lag {
    std::optional<Micros> measured() const override { return lag; }
    std::optional<Micros> lag = Micros{500'000};
};

// A source that gets as far as `reach` when it is waited for.
struct TestBarrier final : Barrier {
    std::optional<Acknowledged> acknowledged() override {
        ++asked;
        return end;
    }
    bool await(LogPosition position) override {
        waited_for = position;
        return position <= reach;
    }
    void settle() override { ++settled; }
    std::optional<Acknowledged> end = Acknowledged{.position = at(100), .at = kThen};
    LogPosition reach = at(100);
    LogPosition waited_for;
    int asked = 0;
    int settled = 0;
};

struct RouterBarriers : testing::Test {
    RouterBarriers() {
        live.put({.entity = {.external_id = "pump-7", .type = "pump"}, .texts = {}, .history = {}});
        primary.put(
            {.entity = {.external_id = "pump-7", .type = "pump"}, .texts = {}, .history = {}});
    }
    query::Answer<query::EntityAnswer> get(query::Demand demand) {
        return router.get({.tenant = TenantId{2}, .entity = "pump-7", .demand = demand});
    }
    std::string source(query::Demand demand) {
        const auto answer = get(demand);
        return answer ? answer->snapshot.source : std::string(to_string(answer.error().code));
    }

    TableReader live{at(100), at(100), Time{}};
    TableReader primary{at(200), at(200), kThen};
    TestBarrier barrier;
    KnownLag lag;
    NoLag none;
    Router router{{{.name = "live",
                    .reader = live,
                    .lag = lag,
                    .budget = {.target = std::chrono::seconds(1),
                               .maximum = std::chrono::seconds(5),
                               .beyond = Budget::Beyond::pass_on},
                    .barrier = &barrier},
                   {.name = "primary", .reader = primary, .lag = none, .authoritative = true}}};
};

TEST_F(RouterBarriers, StrongReadsWaitForWhatWasAcknowledged) {
    const auto answer = get({.level = Level::strong, .max_lag = Micros{0}});
    ASSERT_TRUE(answer) << answer.error().detail;
    EXPECT_EQ(answer->snapshot.source, "live");
    EXPECT_EQ(answer->snapshot.lag, Micros{0});
    EXPECT_EQ(answer->snapshot.as_of, kThen);
    EXPECT_EQ(barrier.waited_for, at(100));
    EXPECT_EQ(barrier.settled, 0);
    barrier.end->position = at(101);  // not within the time that it is given
    EXPECT_EQ(source({.level = Level::strong}), "primary");
    barrier.reach = at(101);  // it says so, but its answer does not
    EXPECT_EQ(source({.level = Level::strong}), "primary");
    barrier.end.reset();
    EXPECT_EQ(source({.level = Level::strong}), "primary");
    EXPECT_EQ(barrier.settled, 3);
}

TEST_F(RouterBarriers, TheCommitThatIsDemandedIsWaitedFor) {
    EXPECT_EQ(source({.level = Level::session, .floor = at(60)}), "live");
    EXPECT_EQ(barrier.waited_for, at(60));
    EXPECT_EQ(source({.level = Level::session, .floor = at(150)}), "primary");
    EXPECT_EQ(source({.level = Level::session, .floor = at(250)}), "freshness_not_met");
    EXPECT_EQ(barrier.asked, 0);
}

TEST_F(RouterBarriers, ASourceThatHasNotCaughtUpIsNotAsked) {
    lag.lag.reset();
    EXPECT_EQ(source({}), "primary");
    EXPECT_EQ(source({.level = Level::strong}), "primary");
    EXPECT_EQ(source({.level = Level::session, .floor = at(60)}), "primary");
    EXPECT_EQ(barrier.asked, 0);
    EXPECT_EQ(live.asked(), 0);
}

TEST_F(RouterBarriers, EventualReadsWaitForNothing) {
    EXPECT_EQ(source({}), "live");
    EXPECT_EQ(barrier.asked, 0);
    EXPECT_EQ(barrier.waited_for, LogPosition{});
    EXPECT_EQ(source({.max_lag = Micros{1000}}), "primary");
}

// Goal: that a source lacks part of what is asked hides nothing that another one says.
TEST_F(RouterBarriers, WhatASourceDoesNotHoldIsAskedOfTheNext) {
    live.fail_with(query::ErrorCode::not_held);
    EXPECT_EQ(source({}), "primary");
    EXPECT_EQ(source({.level = Level::session, .floor = at(60)}), "primary");
    barrier.reach = at(300);
    EXPECT_EQ(source({.level = Level::session, .floor = at(250)}), "freshness_not_met");
    primary.fail_with(query::ErrorCode::busy);
    EXPECT_EQ(source({}), "database_busy");
    primary.fail_with(query::ErrorCode::not_held);
    EXPECT_EQ(source({}), "not_held");
}

}  // namespace
}  // namespace atlas::route
