// SPDX-License-Identifier: Apache-2.0
#include "primary/search_memory.h"

#include <gtest/gtest.h>

#include "testing/manual_clock.h"

namespace atlas::primary {
namespace {

TEST(SearchMemory, KnowsWhatWasSearchedUntilItTakesLong) {
    const test::ManualClock clock;
    SearchMemory memory(clock);
    EXPECT_FALSE(memory.contains(1));
    memory.tell(1, std::chrono::milliseconds{5});
    EXPECT_TRUE(memory.contains(1));
    EXPECT_FALSE(memory.contains(2));
    memory.tell(1, std::chrono::milliseconds{5});
    EXPECT_TRUE(memory.contains(1));
    memory.tell(1, std::chrono::milliseconds{500});
    EXPECT_FALSE(memory.contains(1));
    memory.tell(2, std::chrono::milliseconds{500});
    EXPECT_FALSE(memory.contains(2));
}

TEST(SearchMemory, ForgetsAfterHalfAMinute) {
    test::ManualClock clock;
    SearchMemory memory(clock);
    memory.tell(1, std::chrono::milliseconds{5});
    clock.advance(std::chrono::seconds{29});
    memory.tell(1, std::chrono::milliseconds{5});  // does not begin the half minute again
    EXPECT_TRUE(memory.contains(1));
    clock.advance(std::chrono::seconds{1});
    EXPECT_FALSE(memory.contains(1));
    memory.tell(1, std::chrono::milliseconds{5});
    EXPECT_TRUE(memory.contains(1));
}

TEST(SearchMemory, IsBounded) {
    const test::ManualClock clock;
    SearchMemory memory(clock);
    std::size_t known = 0;
    for (std::size_t i = 0; i < 100'000; ++i) memory.tell(i, {});
    for (std::size_t i = 0; i < 100'000; ++i) known += memory.contains(i) ? 1 : 0;
    EXPECT_LE(known, 4096U);
    EXPECT_TRUE(memory.contains(99'999));
}

}  // namespace
}  // namespace atlas::primary
