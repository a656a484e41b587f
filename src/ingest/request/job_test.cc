// SPDX-License-Identifier: Apache-2.0
#include "ingest/request/job.h"

#include <gtest/gtest.h>

namespace atlas::ingest {
namespace {

// A job of two items with two points each, and what it was answered.
class JobTest : public ::testing::Test {
protected:
    JobTest() {
        WriteRequest request;
        request.body = "abxy";
        request.done = [this](WriteOutcome outcome) { answers_.push_back(std::move(outcome)); };
        job_.emplace(std::move(request));
        Batch& batch = job_->batch;
        for (std::uint32_t i = 0; i < 2; ++i) {
            Observation observation;
            observation.entity = batch.refer(batch.body().substr(i, 1));
            observation.first_point = 2 * i;
            observation.points = 2;
            observation.index = i;
            for (std::uint32_t n = 0; n < 2; ++n) {
                Point point;
                point.name = batch.name_id(batch.body().substr(2 + n, 1));
                batch.add(point);
            }
            batch.add(observation);
        }
    }

    std::vector<WriteOutcome> answers_;
    std::optional<Job> job_;
};

TEST_F(JobTest, IsAnsweredWhenItsLastPartHasEnded) {
    job_->set_parts(2);
    job_->part_committed(Lsn{9});
    EXPECT_TRUE(answers_.empty());
    job_->part_committed(Lsn{5});
    ASSERT_EQ(answers_.size(), 1U);
    EXPECT_EQ(answers_[0].status, WriteStatus::done);
    EXPECT_EQ(answers_[0].accepted, 4U);
    EXPECT_EQ(answers_[0].token, Lsn{9});
}

TEST_F(JobTest, IsAnsweredOnce) {
    job_->set_parts(1);
    job_->finish(WriteStatus::unavailable, "late");
    job_->part_committed(Lsn{1});
    ASSERT_EQ(answers_.size(), 1U);
    EXPECT_EQ(answers_[0].status, WriteStatus::unavailable);
    EXPECT_EQ(answers_[0].detail, "late");
    EXPECT_EQ(answers_[0].accepted, 0U);
    EXPECT_TRUE(job_->finished());
}

TEST_F(JobTest, OfSeveralEndsTheOneThatPromisesLeastCounts) {
    job_->set_parts(2);
    job_->part_failed(WriteStatus::unavailable, "in doubt");
    job_->part_committed(Lsn{1});
    ASSERT_EQ(answers_.size(), 1U);
    EXPECT_EQ(answers_[0].status, WriteStatus::unavailable);
    EXPECT_EQ(answers_[0].detail, "in doubt");
}

// Goal: "nothing kept" is never said of a request of which a part was committed.
TEST_F(JobTest, ADisabledTenantOfWhichSomethingWasKeptIsInDoubt) {
    job_->set_parts(2);
    job_->part_committed(Lsn{1});
    job_->part_failed(WriteStatus::tenant_inactive, {});
    ASSERT_EQ(answers_.size(), 1U);
    EXPECT_EQ(answers_[0].status, WriteStatus::unavailable);
}

TEST_F(JobTest, RefusalsCountOnce) {
    job_->refuse_point(0, 1, ItemCode::wrong_type, "y");
    job_->refuse_point(0, 1, ItemCode::wrong_type, "y again");
    job_->refuse_item(1, ItemCode::entity_deleted, "b");
    job_->refuse_item(1, ItemCode::entity_deleted, "b again");
    EXPECT_TRUE(job_->is_refused(0, 1));
    EXPECT_FALSE(job_->is_refused(0, 0));
    EXPECT_EQ(job_->refused(), 3U);
    job_->set_parts(1);
    job_->part_committed(Lsn{1});
    ASSERT_EQ(answers_.size(), 1U);
    EXPECT_EQ(answers_[0].accepted, 1U);
    EXPECT_EQ(answers_[0].rejected, 3U);
    ASSERT_EQ(answers_[0].errors.size(), 2U);
    EXPECT_EQ(answers_[0].errors[0].entity, "a");
    EXPECT_EQ(answers_[0].errors[0].attribute, "y");
    EXPECT_EQ(answers_[0].errors[1].attribute, "");
}

TEST_F(JobTest, NothingLeftIsARefusal) {
    job_->refuse_item(0, ItemCode::entity_limit, "a");
    job_->refuse_item(1, ItemCode::entity_limit, "b");
    job_->finish(WriteStatus::done, {});
    ASSERT_EQ(answers_.size(), 1U);
    EXPECT_EQ(answers_[0].status, WriteStatus::refused);
    EXPECT_EQ(answers_[0].rejected, 4U);
}

}  // namespace
}  // namespace atlas::ingest
