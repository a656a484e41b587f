// SPDX-License-Identifier: Apache-2.0
#include "app/stages.h"

#include <gtest/gtest.h>

#include "testing/manual_clock.h"

namespace atlas::app {
namespace {

using namespace std::chrono_literals;
using stream::ReaderState;

constexpr Time kNoon = time_from_micros(1'795'262'400'000'000);  // 2026-11-21T12:00:00Z

// The reader has received everything, and the analytics follower is `lag` behind.
struct Stages : testing::Test {
    Stages() {
        primary.enter(kNoon, Lsn{0x100});
        clock.advance(500ms);
        primary.enter(kNoon + 500ms, Lsn{0x200});
        status.state = ReaderState::streaming;
        status.received = LogPosition(1, Lsn{0x200});
        status.retained_bytes = 4096;
        status.rows_per_second = 17;
        status.followers.emplace_back();
        follower().name = "analytics";
        follower().applied = LogPosition(1, Lsn{0x100});
        follower().lag_seconds = 2;
    }
    stream::ReaderStatus::Follower& follower() { return status.followers.front(); }
    std::vector<http::StatusPart> stages() const { return stream_stages(status, primary, config); }

    test::ManualClock clock;
    stream::PrimaryClock primary{"", clock};
    const config::Config config;
    stream::ReaderStatus status;
};

TEST_F(Stages, TellHowFarTheStreamAndEachFollowerAre) {
    const auto all = stages();
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0].name, "stream");
    EXPECT_EQ(all[0].state, "streaming");
    EXPECT_EQ(all[0].position, Lsn{0x200});
    EXPECT_EQ(all[0].lag_seconds, 0);
    EXPECT_EQ(all[0].rate, 17);
    EXPECT_EQ(all[0].retained_bytes, 4096);
    EXPECT_EQ(all[0].target, 30s);
    EXPECT_EQ(all[0].maximum, 2min);
    EXPECT_EQ(all[1].name, "analytics");
    EXPECT_EQ(all[1].state, "streaming");
    EXPECT_EQ(all[1].position, Lsn{0x100});
    EXPECT_EQ(all[1].lag_seconds, 2);
    EXPECT_EQ(all[1].maximum, 15min);
}

TEST_F(Stages, BeyondTheMaximumTheStateIsProcessing) {
    follower().lag_seconds = 900;
    EXPECT_EQ(stages()[1].state, "streaming");
    follower().lag_seconds = 901;
    EXPECT_EQ(stages()[1].state, "processing");
    follower().name = "index";
    follower().lag_seconds = 121;
    EXPECT_EQ(stages()[1].state, "processing");
    status.state = ReaderState::connecting;
    EXPECT_EQ(stages()[1].state, "connecting");
}

TEST_F(Stages, SayWhyNothingIsFollowed) {
    status.state = ReaderState::unavailable;
    status.detail = "wal_level is replica; set wal_level = logical";
    EXPECT_EQ(stages()[0].state, "unavailable");
    EXPECT_EQ(stages()[0].detail, status.detail);
    status.state = ReaderState::streaming;
    follower().failed =
        stream::Error{.remedy = stream::Error::Remedy::rebuild, .message = "the slot was lost"};
    follower().lag_seconds = std::nullopt;
    EXPECT_EQ(stages()[1].state, "rebuild");
    EXPECT_EQ(stages()[1].detail, "the slot was lost");
    EXPECT_EQ(stages()[1].lag_seconds, std::nullopt);
}

TEST_F(Stages, AFollowersLagIsThatOfItsSource) {
    const FollowerLag lag([this] { return status; }, "analytics", primary);
    EXPECT_EQ(lag.measured(), 2s);
    EXPECT_EQ(lag.as_of(), kNoon + 500ms - 2s);
    clock.advance(1001ms);
    EXPECT_EQ(lag.as_of(), std::nullopt);
    follower().lag_seconds = std::nullopt;
    EXPECT_EQ(lag.measured(), std::nullopt);
    EXPECT_EQ(lag.stopped(), "");
    follower().failed =
        stream::Error{.remedy = stream::Error::Remedy::stop, .message = "run atlas migrate"};
    EXPECT_EQ(
        lag.stopped(),
        "It has stopped: run atlas migrate. `atlas stream rebuild analytics` starts it over.");
    const FollowerLag other([this] { return status; }, "index", primary);
    EXPECT_EQ(other.measured(), std::nullopt);
    EXPECT_EQ(other.stopped(), "");
}

TEST(Budgets, OfAnalyticsComeFromTheConfiguration) {
    config::Config config;
    EXPECT_EQ(analytics_budget(config).target, 5min);
    EXPECT_EQ(analytics_budget(config).maximum, 15min);
    EXPECT_EQ(analytics_budget(config).beyond, route::Budget::Beyond::answer);
    EXPECT_TRUE(config::load(config, {.file = {},
                                      .environment = {},
                                      .flags = {{"freshness.analytics_fallback", "refuse"},
                                                {"freshness.analytics_maximum", "1m"}}})
                    .empty());
    EXPECT_EQ(analytics_budget(config).maximum, 1min);
    EXPECT_EQ(analytics_budget(config).beyond, route::Budget::Beyond::pass_on);
}

}  // namespace
}  // namespace atlas::app
