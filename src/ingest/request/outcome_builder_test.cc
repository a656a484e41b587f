// SPDX-License-Identifier: Apache-2.0
#include "ingest/request/outcome_builder.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <optional>

namespace atlas::ingest {
namespace {

// `items` of two points each, x and y; the second item's x is a tag.
class OutcomeBuilderTest : public ::testing::Test {
protected:
    OutcomeBuilderTest() { make(2); }

    void make(std::uint32_t items, Format format = Format::json) {
        batch_.emplace("exy");
        for (std::uint32_t i = 0; i < items; ++i) {
            Observation observation;
            observation.entity = batch_->keep(fmt::format("e{}", i));
            observation.first_point = 2 * i;
            observation.points = 2;
            observation.index = i;
            observation.line = i + 1;
            for (std::uint32_t n = 0; n < 2; ++n) {
                Point point;
                point.name = batch_->name_id(batch_->body().substr(1 + n, 1));
                point.tag = i == 1 && n == 0;
                batch_->add(point);
            }
            batch_->add(observation);
        }
        builder_.emplace(*batch_, format);
    }
    WriteOutcome done() { return builder_->build(WriteStatus::done, {}, LogPosition(1, Lsn{3})); }

    std::optional<Batch> batch_;
    std::optional<OutcomeBuilder> builder_;
};

TEST_F(OutcomeBuilderTest, RefusalsCountOnce) {
    builder_->refuse_point(0, 1, ItemCode::wrong_type, "y");
    builder_->refuse_point(0, 1, ItemCode::wrong_type, "y again");
    builder_->refuse_item(1, ItemCode::entity_deleted, "e1");
    builder_->refuse_item(1, ItemCode::entity_deleted, "e1 again");
    EXPECT_TRUE(builder_->has_refused_points());
    EXPECT_TRUE(builder_->is_refused(0, 1));
    EXPECT_FALSE(builder_->is_refused(0, 0));
    EXPECT_EQ(builder_->refused(), 3U);
    const WriteOutcome outcome = done();
    EXPECT_EQ(outcome.status, WriteStatus::done);
    EXPECT_EQ(outcome.accepted, 1U);
    EXPECT_EQ(outcome.rejected, 3U);
    EXPECT_EQ(outcome.token, LogPosition(1, Lsn{3}));
    ASSERT_EQ(outcome.errors.size(), 2U);
    EXPECT_EQ(outcome.errors[0].entity, "e0");
    EXPECT_EQ(outcome.errors[0].attribute, "y");
    EXPECT_EQ(outcome.errors[0].detail, "y");
    EXPECT_EQ(outcome.errors[1].entity, "e1");
    EXPECT_EQ(outcome.errors[1].line, 2U);
    EXPECT_EQ(outcome.errors[1].attribute, "");
}

TEST_F(OutcomeBuilderTest, RefusingWhatIsLeftOfAnItemCountsOnlyThat) {
    builder_->refuse_point(0, 0, ItemCode::wrong_type, "x");
    builder_->refuse_item(0, ItemCode::entity_limit, "e0");
    EXPECT_EQ(builder_->refused(), 2U);
    EXPECT_EQ(done().errors.size(), 2U);
}

TEST_F(OutcomeBuilderTest, WhatTheParserRefusedIsPartOfIt) {
    batch_->refuse({.index = 2, .code = ItemCode::invalid_json, .detail = "cut"}, 1);
    builder_->refuse_point(0, 0, ItemCode::wrong_type, "x");
    builder_->count_overwritten(2);
    EXPECT_EQ(builder_->refused(), 2U);
    const WriteOutcome outcome = done();
    EXPECT_EQ(outcome.rejected, 2U);
    EXPECT_EQ(outcome.overwritten, 2U);
    ASSERT_EQ(outcome.errors.size(), 2U);
    EXPECT_EQ(outcome.errors[0].index, 0U);
    EXPECT_EQ(outcome.errors[1].index, 2U);
}

TEST_F(OutcomeBuilderTest, ErrorsAreBoundedAndInTheOrderOfTheItems) {
    make(kMaxItemErrors + 2);
    for (std::uint32_t i = kMaxItemErrors + 1; i-- > 0;) {
        builder_->refuse_point(i, 0, ItemCode::wrong_type, "x");
    }
    const WriteOutcome outcome = done();
    EXPECT_EQ(outcome.rejected, kMaxItemErrors + 1);
    ASSERT_EQ(outcome.errors.size(), kMaxItemErrors);
    EXPECT_TRUE(outcome.errors_truncated);
    for (std::size_t i = 1; i < outcome.errors.size(); ++i) {
        EXPECT_LT(outcome.errors[i - 1].index, outcome.errors[i].index);
    }
}

// Goal: lines that lost something are counted, whether the parser or a later step rejected it, and
// so are the fields that are left; tags are no fields.
TEST_F(OutcomeBuilderTest, LinesThatLostSomethingAreCounted) {
    make(4, Format::line);
    EXPECT_EQ(done().dropped_lines, 0U);
    make(4, Format::line);
    builder_->set_refused_lines(2);
    builder_->refuse_point(1, 1, ItemCode::wrong_type, "y");
    builder_->refuse_item(3, ItemCode::entity_deleted, "e3");
    const WriteOutcome outcome = done();
    EXPECT_EQ(outcome.dropped_lines, 4U);
    EXPECT_EQ(outcome.kept_fields, 4U);  // of e0 and e2; e1 has its tag left
    make(4);
    builder_->refuse_point(1, 1, ItemCode::wrong_type, "y");
    EXPECT_EQ(done().dropped_lines, 0U);  // JSON has no lines to lose
}

// Goal: a request that is given up says nothing of a batch that may still be parsed.
TEST_F(OutcomeBuilderTest, WithoutAResultThereAreNoCounts) {
    builder_->refuse_point(0, 0, ItemCode::wrong_type, "x");
    const WriteOutcome outcome =
        builder_->build(WriteStatus::unavailable, "late", LogPosition(1, Lsn{3}));
    EXPECT_EQ(outcome.status, WriteStatus::unavailable);
    EXPECT_EQ(outcome.detail, "late");
    EXPECT_EQ(outcome.accepted, 0U);
    EXPECT_EQ(outcome.rejected, 0U);
    EXPECT_TRUE(outcome.errors.empty());
    EXPECT_EQ(outcome.token, LogPosition{});
}

TEST_F(OutcomeBuilderTest, ARefusedRequestAcceptedNothing) {
    builder_->refuse_point(0, 0, ItemCode::wrong_type, "x");
    const WriteOutcome outcome = builder_->build(WriteStatus::refused, {}, LogPosition(1, Lsn{3}));
    EXPECT_EQ(outcome.status, WriteStatus::refused);
    EXPECT_EQ(outcome.accepted, 0U);
    EXPECT_EQ(outcome.rejected, 1U);
    EXPECT_EQ(outcome.errors.size(), 1U);
    EXPECT_EQ(outcome.token, LogPosition{});
}

}  // namespace
}  // namespace atlas::ingest
