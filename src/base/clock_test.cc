// SPDX-License-Identifier: Apache-2.0
#include "base/clock.h"

#include <gtest/gtest.h>

#include <future>

#include "testing/manual_clock.h"

namespace atlas {
namespace {

using namespace std::chrono_literals;

// Waits as an owner of state does, in a thread of its own.
struct Waiter {
    std::future<bool> wait(const Clock& clock, std::chrono::milliseconds patience) {
        return std::async(std::launch::async, [this, &clock, patience] {
            std::unique_lock lock(mutex);
            return clock.wait_for(wake, lock, patience, [this] { return done; });
        });
    }
    void set_done() {
        {
            const std::scoped_lock lock(mutex);
            done = true;
        }
        wake.notify_all();
    }

    std::mutex mutex;
    std::condition_variable wake;
    bool done = false;
};

TEST(SystemClock, IsTheTimeOfTheSystem) {
    const SystemClock clock;
    const Time before = now();
    EXPECT_GE(clock.system(), before);
    EXPECT_LE(clock.system(), now());
    const auto steady = std::chrono::steady_clock::now();
    EXPECT_GE(clock.steady(), steady);
}

TEST(SystemClock, AWaitEndsWithItsConditionOrItsTime) {
    const SystemClock clock;
    Waiter waiter;
    EXPECT_FALSE(waiter.wait(clock, 1ms).get());
    auto waiting = waiter.wait(clock, 1h);
    waiter.set_done();
    EXPECT_TRUE(waiting.get());
    EXPECT_TRUE(waiter.wait(clock, 0ms).get());
}

TEST(ManualClock, MovesOnlyWhenAdvanced) {
    test::ManualClock clock;
    const auto steady = clock.steady();
    const Time system = clock.system();
    EXPECT_EQ(clock.steady(), steady);
    clock.advance(90s);
    EXPECT_EQ(clock.steady(), steady + 90s);
    EXPECT_EQ(clock.system(), system + 90s);
}

TEST(ManualClock, AWaitEndsWithItsConditionOrAnAdvance) {
    test::ManualClock clock;
    Waiter waiter;
    auto late = waiter.wait(clock, 1h);
    clock.await_waiting(1);
    clock.advance(59min);
    clock.await_waiting(1);
    EXPECT_EQ(late.wait_for(0s), std::future_status::timeout);
    clock.advance(1min);
    EXPECT_FALSE(late.get());
    auto early = waiter.wait(clock, 1h);
    clock.await_waiting(1);
    waiter.set_done();
    EXPECT_TRUE(early.get());
}

}  // namespace
}  // namespace atlas
