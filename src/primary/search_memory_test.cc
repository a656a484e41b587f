// SPDX-License-Identifier: Apache-2.0
#include "primary/search_memory.h"

#include <gtest/gtest.h>

namespace atlas::primary {
namespace {

TEST(SearchMemory, KnowsWhatWasSearchedUntilItTakesLong) {
    SearchMemory memory;
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

TEST(SearchMemory, IsBounded) {
    SearchMemory memory;
    std::size_t known = 0;
    for (std::size_t i = 0; i < 100'000; ++i) memory.tell(i, {});
    for (std::size_t i = 0; i < 100'000; ++i) known += memory.contains(i) ? 1 : 0;
    EXPECT_LE(known, 4096U);
    EXPECT_TRUE(memory.contains(99'999));
}

}  // namespace
}  // namespace atlas::primary
