// SPDX-License-Identifier: Apache-2.0
#include "query/server_history.h"

#include <gtest/gtest.h>

namespace atlas::query {
namespace {

constexpr Lsn kFlushed{0x900};

// Timeline 2 was begun beside 3 and is none of its history: 1 ─► 3.
const ServerHistory kServer("7312345678901234567", 3, {{.timeline = 1, .at = {0x500}}});

TokenVerdict judge(std::int64_t timeline, std::uint64_t lsn) {
    return kServer.judge({.system = kServer.system(), .position = {timeline, Lsn{lsn}}}, kFlushed);
}

TEST(ServerHistory, APositionIsPartOfItOrNot) {
    EXPECT_EQ(judge(3, 0x900), TokenVerdict::good);
    EXPECT_EQ(judge(3, 0x901), TokenVerdict::beyond_log);
    EXPECT_EQ(judge(1, 0x500), TokenVerdict::good);
    EXPECT_EQ(judge(1, 0x501), TokenVerdict::lost);
    EXPECT_EQ(judge(2, 0x100), TokenVerdict::lost);
    EXPECT_EQ(judge(0, 0), TokenVerdict::lost);
    EXPECT_EQ(judge(4, 0x100), TokenVerdict::unknown_timeline);
    EXPECT_EQ(kServer.judge({.system = 17, .position = {3, Lsn{1}}}, kFlushed),
              TokenVerdict::other_system);
}

TEST(ServerHistory, ABareLsnIsOfTheTimelineThatIsWritten) {
    EXPECT_EQ(read_token("0/900", kServer)->position, LogPosition(3, kFlushed));
    EXPECT_EQ(read_token("0/900", kServer)->system, kServer.system());
    const ConsistencyToken token{.system = 17, .position = {1, Lsn{5}}};
    EXPECT_EQ(read_token(encode_consistency_token(token), kServer), token);
    for (const char* text : {"", "x", "0/", "0/900 ", "AQAAAAAAAAABAQAAAAIAAAAAAAAAA1rzrJZ"}) {
        const auto read = read_token(text, kServer);
        ASSERT_FALSE(read) << text;
        EXPECT_EQ(read.error().code, ErrorCode::invalid_consistency_token);
    }
}

TEST(ServerHistory, OnlyALostTimelineIsAConflict) {
    EXPECT_TRUE(refuse_unless_good(TokenVerdict::good));
    for (const auto verdict :
         {TokenVerdict::other_system, TokenVerdict::unknown_timeline, TokenVerdict::beyond_log}) {
        EXPECT_EQ(refuse_unless_good(verdict).error().code, ErrorCode::invalid_consistency_token);
    }
    EXPECT_EQ(refuse_unless_good(TokenVerdict::lost).error().code,
              ErrorCode::token_from_lost_timeline);
}

TEST(ServerHistory, AHistoryFileIsRead) {
    const auto ended = parse_timeline_history(
        "1\t0/3000148\tno recovery target specified\n\n"
        "# a comment\n2\t1/A0\tbefore 2026-11-21 10:00:00+00\r\nnothing\n3\tnowhere\n");
    ASSERT_EQ(ended.size(), 2U);
    EXPECT_EQ(ended[0].timeline, 1);
    EXPECT_EQ(ended[0].at, Lsn{0x3000148});
    EXPECT_EQ(ended[1].timeline, 2);
    EXPECT_EQ(ended[1].at, Lsn{0x1'000000A0});
    EXPECT_TRUE(parse_timeline_history("").empty());
}

}  // namespace
}  // namespace atlas::query
