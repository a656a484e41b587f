// SPDX-License-Identifier: Apache-2.0
//
// Goal: whether a follower can go on from where it is, on this server and slot, also after a
// promotion; and whether what it holds can be compared where it cannot.
#include "stream/slot_state.h"

#include <gmock/gmock.h>

namespace atlas::stream {
namespace {

using ::testing::HasSubstr;

constexpr Lsn kFlushed{0x900};
// Timeline 1 ended at 0x500, 2 at 0x700; 4 is none of them.
const query::ServerHistory kServer("77", 3,
                                   {{.timeline = 1, .at = {0x500}},
                                    {.timeline = 2, .at = {0x700}}});

Position at(std::int64_t timeline, std::uint64_t lsn) {
    return {.timeline = timeline, .lsn = Lsn{lsn}};
}

struct Outcome {
    std::string why;  // empty: it goes on
    bool comparable = false;
};

Outcome judge(Position position, std::optional<SlotState> slot, Position reach = {},
              const std::string& system = "77") {
    const auto refused = refusal(kServer, kFlushed, slot,
                                 {.system_id = system, .position = position, .reach = reach});
    if (!refused) return {};
    EXPECT_EQ(refused->remedy, Error::Remedy::rebuild);
    return {.why = refused->message, .comparable = refused->comparable};
}

SlotState slot_at(std::uint64_t lsn) {
    return {.confirmed = Lsn{lsn}};
}

TEST(Refusal, OnTheSameTimelineTheSlotAndTheLogDecide) {
    EXPECT_EQ(judge(at(3, 0x800), slot_at(0x800)).why, "");
    EXPECT_EQ(judge(at(3, 0x800), slot_at(0x800), at(3, 0x880)).why, "");
    EXPECT_THAT(judge(at(3, 0x901), slot_at(0x800)).why, HasSubstr("an older copy"));
    EXPECT_THAT(judge(at(3, 0x800), std::nullopt).why, HasSubstr("was dropped"));
    EXPECT_THAT(judge(at(3, 0x800), slot_at(0x801)).why, HasSubstr("begins at 0/801"));
    auto lost = slot_at(0x100);
    lost.lost = true;
    EXPECT_THAT(judge(at(3, 0x800), lost).why, HasSubstr("deleted log"));
    EXPECT_FALSE(judge(at(3, 0x800), std::nullopt).comparable);
    EXPECT_FALSE(judge(at(3, 0x901), slot_at(0x800)).comparable);
}

TEST(Refusal, AnEarlierTimelineOfTheServersHistoryGoesOn) {
    EXPECT_EQ(judge(at(1, 0x500), slot_at(0x400)).why, "");
    EXPECT_EQ(judge(at(2, 0x700), slot_at(0x700)).why, "");
    EXPECT_EQ(judge(at(1, 0x480), slot_at(0x400), at(1, 0x500)).why, "");
}

TEST(Refusal, WhatAPromotionLostOrTheSlotLacksIsCompared) {
    for (const auto& outcome :
         {judge(at(1, 0x501), slot_at(0x400)), judge(at(1, 0x480), slot_at(0x400), at(1, 0x501)),
          judge(at(2, 0x701), slot_at(0x400)), judge(at(4, 0x100), slot_at(0x100))}) {
        EXPECT_THAT(outcome.why, HasSubstr("a promotion lost it"));
        EXPECT_TRUE(outcome.comparable);
    }
    for (const auto& slot : {std::optional<SlotState>(), std::optional(slot_at(0x481))}) {
        const auto outcome = judge(at(1, 0x480), slot);
        EXPECT_NE(outcome.why, "");
        EXPECT_TRUE(outcome.comparable);
    }
}

TEST(Refusal, AnotherDatabaseSystemIsNeverCompared) {
    const auto outcome = judge(at(3, 0x800), slot_at(0x800), {}, "78");
    EXPECT_THAT(outcome.why, HasSubstr("of database system 78"));
    EXPECT_FALSE(outcome.comparable);
}

}  // namespace
}  // namespace atlas::stream
