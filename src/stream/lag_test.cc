// SPDX-License-Identifier: Apache-2.0
//
// The reported lag against the true one: commits, a follower that is fast, slow or stopped, and a
// primary that is asked every half second or not at all, in simulated time. The primary's clock is
// an hour ahead of ours.
#include "stream/lag.h"

#include <gtest/gtest.h>

#include <deque>
#include <random>

#include "testing/manual_clock.h"
#include "testing/rounds.h"

namespace atlas::stream {
namespace {

using namespace std::chrono_literals;

constexpr auto kTick = 10ms;

class World {
public:
    explicit World(std::chrono::seconds offset) : offset_(offset) {}

    void commit() {
        const Lsn begin = end_;
        end_.value += 100;
        commits_.push_back({.begin = begin, .at = clock.steady()});
    }
    // The log grows by what is no commit; a follower passes it by keepalives.
    void write_no_commit() { end_.value += 10; }
    void ask() { primary.enter(primary_time(clock.steady()), end_); }

    // Applies everything that was committed until `age` ago, and passes the log up to the next
    // commit, by keepalives.
    void apply(std::chrono::milliseconds age) {
        while (!commits_.empty() && clock.steady() - commits_.front().at >= age) {
            commits_.pop_front();
        }
        applied_ = commits_.empty() ? end_ : commits_.front().begin;
    }
    Micros truth() const {
        if (commits_.empty()) return Micros{0};
        return std::chrono::duration_cast<Micros>(clock.steady() - commits_.front().at);
    }
    // With and without knowing what has arrived and waits.
    std::optional<Micros> reported(bool arrived) const {
        if (arrived && !commits_.empty()) {
            return lag_after(primary, applied_, primary_time(commits_.front().at));
        }
        return lag_after(primary, applied_, std::nullopt);
    }

    test::ManualClock clock;
    PrimaryClock primary{"", clock};

private:
    struct Commit {
        Lsn begin;
        Clock::Steady at;
    };
    Time primary_time(Clock::Steady at) const {
        return clock.system() + offset_ + std::chrono::duration_cast<Micros>(at - clock.steady());
    }

    const std::chrono::seconds offset_;
    Lsn end_{0x1000};
    Lsn applied_{0x1000};
    std::deque<Commit> commits_;
};

// Ticks until the follower has applied what was there; the primary is asked all the while.
void settle(World& world) {
    for (int tick = 0; tick < 100; ++tick) {
        world.clock.advance(kTick);
        world.apply(0ms);
        if (tick % 50 == 0) world.ask();
    }
}

TEST(LagProperty, IsTrueUnderLoadStallsIdlenessAndWrongClocks) {
    std::mt19937 random(static_cast<unsigned>(test::seed_or(1)));
    int lagging = 0;
    int idle = 0;
    for (std::uint64_t round = 0; round < test::rounds_or(20); ++round) {
        World world(round % 2 == 0 ? 3600s : -3600s);
        settle(world);
        const int rate = static_cast<int>(random() % 3);  // commits: none, some, many
        const auto behind = std::chrono::milliseconds(random() % 4 * 900);
        for (int tick = 0; tick < 1500; ++tick) {
            world.clock.advance(kTick);
            if (rate == 2 || (rate == 1 && random() % 40 == 0)) world.commit();
            if (random() % 100 == 0) world.write_no_commit();
            if (tick % 50 == 0) world.ask();
            world.apply(behind);
            for (const bool arrived : {false, true}) {
                const auto reported = world.reported(arrived);
                ASSERT_TRUE(reported) << round << ' ' << tick;
                ASSERT_GE(*reported, world.truth() - 500ms - kTick) << round << ' ' << tick;
                ASSERT_LE(*reported, world.truth() + 200ms) << round << ' ' << tick;
                if (arrived) ASSERT_GE(*reported, world.truth());
            }
            lagging += world.truth() > 1s ? 1 : 0;
            idle += world.truth() == 0s ? 1 : 0;
        }
    }
    EXPECT_GT(lagging, 1000);
    EXPECT_GT(idle, 1000);
}

TEST(Lag, IsUnknownWithoutAMeasurementOfTheLastSecond) {
    World world(3600s);
    EXPECT_EQ(world.reported(false), std::nullopt);
    settle(world);
    EXPECT_EQ(world.reported(false), 0s);
    world.clock.advance(500ms);
    EXPECT_EQ(world.reported(false), 0s);
    world.clock.advance(501ms);
    EXPECT_EQ(world.reported(false), std::nullopt);
    EXPECT_EQ(world.reported(true), std::nullopt);
    world.ask();
    EXPECT_EQ(world.reported(false), 0s);
}

// Goal: a commit of the time in which the primary could not be asked is not taken for a new one.
TEST(Lag, OfACommitThatNobodySawComeIsNotTooLow) {
    World world(-3600s);
    settle(world);
    world.commit();
    world.clock.advance(30s);
    world.ask();
    EXPECT_GE(world.reported(false), world.truth());
    EXPECT_EQ(world.reported(true), world.truth());
    EXPECT_EQ(world.truth(), 30s);
}

// Goal: what was behind before the primary was first asked is not known to be fresh.
TEST(Lag, OfWhatWasBehindFromTheBeginningIsUnknown) {
    World world(0s);
    world.commit();
    world.clock.advance(10s);
    world.ask();
    EXPECT_EQ(world.reported(false), std::nullopt);
    EXPECT_EQ(world.reported(true), 10s);
    world.apply(0ms);
    EXPECT_EQ(world.reported(false), 0s);
}

}  // namespace
}  // namespace atlas::stream
