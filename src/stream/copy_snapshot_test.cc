// SPDX-License-Identifier: Apache-2.0
#include "stream/copy_snapshot.h"

#include <gmock/gmock.h>

namespace atlas::stream {
namespace {

using ::testing::ElementsAre;

Position at(std::uint64_t lsn) {
    return {.timeline = 1, .lsn = Lsn{lsn}};
}

// Shows what ended before 10, and 11; 10 and 12 run.
CopySnapshot snapshot(std::uint64_t after) {
    return {.after = at(after), .oldest = 10, .next = 13, .running = {10, 12}};
}

TEST(CopySnapshot, ShowsWhatHadEnded) {
    const CopySnapshot taken = snapshot(100);
    EXPECT_TRUE(taken.shows(9));
    EXPECT_FALSE(taken.shows(10));
    EXPECT_TRUE(taken.shows(11));
    EXPECT_FALSE(taken.shows(12));
    EXPECT_FALSE(taken.shows(13));
    EXPECT_FALSE(taken.shows(2'000'000'000));
}

// The log has 32 bits of a number; snapshots have all 64.
TEST(CopySnapshot, NumbersGoOnBeyond32Bits) {
    constexpr std::uint64_t kEpoch = std::uint64_t{1} << 32U;
    const CopySnapshot taken{.after = at(1),
                             .oldest = 3 * kEpoch - 5,
                             .next = 3 * kEpoch + 5,
                             .running = {3 * kEpoch - 5, 3 * kEpoch + 2}};
    EXPECT_TRUE(taken.shows(UINT32_MAX - 5));
    EXPECT_FALSE(taken.shows(UINT32_MAX - 4));
    EXPECT_TRUE(taken.shows(UINT32_MAX));
    EXPECT_TRUE(taken.shows(1));
    EXPECT_FALSE(taken.shows(2));
    EXPECT_FALSE(taken.shows(5));
}

TEST(CopySnapshot, IsKeptAsText) {
    const auto same = parse_copy_snapshot(to_string(snapshot(0x1600000002)));
    ASSERT_TRUE(same);
    EXPECT_EQ(same->after, at(0x1600000002));
    EXPECT_EQ(same->oldest, 10U);
    EXPECT_EQ(same->next, 13U);
    EXPECT_THAT(same->running, ElementsAre(10, 12));
    EXPECT_TRUE(parse_copy_snapshot("1 0/10 4:4:"));
    for (const char* text :
         {"", "1", "1 0/10", "1 0/10 4", "1 0/10 4:x:", "x 0/1 1:1:", "1 0/10 4:5:a"}) {
        EXPECT_FALSE(parse_copy_snapshot(text)) << text;
    }
}

}  // namespace
}  // namespace atlas::stream
