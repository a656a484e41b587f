// SPDX-License-Identifier: Apache-2.0
//
// Goal: an age by the primary's clock is never told without a measurement of the last second, and
// is never too low, however wrong our own clock is and however long ago it began.
// Method: readings entered by hand; time is the test's.
#include "stream/primary_clock.h"

#include <gtest/gtest.h>

#include "testing/manual_clock.h"

namespace atlas::stream {
namespace {

using namespace std::chrono_literals;

class PrimaryClockTest : public ::testing::Test {
protected:
    // A reading now; the primary's clock is an hour ahead of ours.
    void read(std::uint64_t flushed) { primary_.enter(now(), Lsn{flushed}); }
    Time now() const { return clock_.system() + 1h; }
    void pass(std::chrono::milliseconds time) { clock_.advance(time); }

    test::ManualClock clock_;
    PrimaryClock primary_{"", clock_};
};

TEST_F(PrimaryClockTest, ReadingsCountForASecond) {
    EXPECT_EQ(primary_.latest(), std::nullopt);
    EXPECT_EQ(primary_.now(), std::nullopt);
    read(100);
    ASSERT_TRUE(primary_.latest());
    EXPECT_EQ(primary_.latest()->flushed, Lsn{100});
    pass(1000ms);
    EXPECT_EQ(primary_.now(), now());
    pass(1ms);
    EXPECT_EQ(primary_.latest(), std::nullopt);
    EXPECT_EQ(primary_.now(), std::nullopt);
    read(100);
    EXPECT_EQ(primary_.now(), now());
}

TEST_F(PrimaryClockTest, TellsSinceWhenTheLogIsLonger) {
    read(100);
    EXPECT_EQ(primary_.longer_since(Lsn{100}), std::nullopt);  // it is not
    EXPECT_EQ(primary_.longer_since(Lsn{50}), std::nullopt);   // nothing is known of that time
    pass(500ms);
    read(200);
    const Time longer = now();
    pass(500ms);
    read(200);
    pass(500ms);
    read(300);
    EXPECT_EQ(primary_.longer_since(Lsn{100}), longer);
    EXPECT_EQ(primary_.longer_since(Lsn{199}), longer);
    EXPECT_EQ(primary_.longer_since(Lsn{200}), now());
    EXPECT_EQ(primary_.longer_since(Lsn{300}), std::nullopt);
}

// Goal: while nothing was read the log may have grown at once, so the age is not told too low.
TEST_F(PrimaryClockTest, AGapInTheReadingsCountsAsAge) {
    read(100);
    pass(500ms);
    read(100);
    const Time last = now();
    pass(1min);
    read(200);
    EXPECT_EQ(primary_.longer_since(Lsn{100}), last);
}

// Goal: a log that is shorter than it was is another one.
TEST_F(PrimaryClockTest, WhatWasReadOfAnotherServerIsForgotten) {
    read(500);
    pass(500ms);
    read(100);
    pass(500ms);
    read(200);
    EXPECT_EQ(primary_.longer_since(Lsn{150}), now());
    EXPECT_EQ(primary_.longer_since(Lsn{50}), std::nullopt);
}

// Goal: a long time is remembered in bounded memory, coarser the longer ago.
TEST_F(PrimaryClockTest, ALongStallIsRemembered) {
    read(1);
    const Time begin = now();
    for (std::uint64_t i = 2; i <= 10'000; ++i) {
        pass(500ms);
        read(i);
    }
    EXPECT_EQ(primary_.longer_since(Lsn{1}), begin + 500ms);
    for (std::uint64_t behind = 10; behind < 10'000; behind *= 2) {
        const auto since = primary_.longer_since(Lsn{10'000 - behind});
        ASSERT_TRUE(since);
        const auto truth = behind * 500ms;
        EXPECT_GE(now() - *since, truth - 500ms) << behind;
        EXPECT_LE(now() - *since, truth * 2) << behind;
    }
    EXPECT_EQ(primary_.longer_since(Lsn{9'999}), now());
}

}  // namespace
}  // namespace atlas::stream
