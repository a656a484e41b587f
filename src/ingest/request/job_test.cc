// SPDX-License-Identifier: Apache-2.0
//
// A request responds once, and what it says is true of all its parts.
#include "ingest/request/job.h"

#include <gtest/gtest.h>

namespace atlas::ingest {
namespace {

// A job of two items with two points each, and its responses.
class JobTest : public ::testing::Test {
protected:
    JobTest() { make(false); }

    void make(bool atomic) {
        WriteRequest request;
        request.atomic = atomic;
        request.body = "abxy";
        request.done = [this](WriteOutcome outcome) { responses_.push_back(std::move(outcome)); };
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
    const WriteOutcome& response() {
        EXPECT_EQ(responses_.size(), 1U);
        return responses_.empty() ? responses_.emplace_back() : responses_.front();
    }

    std::vector<WriteOutcome> responses_;
    std::optional<Job> job_;
};

TEST_F(JobTest, RespondsWhenItsLastPartHasEnded) {
    job_->set_parts(2);
    job_->part_committed(LogPosition(1, Lsn{9}));
    EXPECT_TRUE(responses_.empty());
    EXPECT_FALSE(job_->finished());
    job_->part_committed(LogPosition(1, Lsn{5}));
    EXPECT_EQ(response().status, WriteStatus::done);
    EXPECT_EQ(response().accepted, 4U);
    EXPECT_EQ(response().token, LogPosition(1, Lsn{9}));
    EXPECT_TRUE(job_->finished());
}

TEST_F(JobTest, RespondsOnce) {
    job_->set_parts(1);
    job_->finish(WriteStatus::unavailable, "late");
    job_->part_committed(LogPosition(1, Lsn{1}));
    job_->finish(WriteStatus::done, {});
    EXPECT_EQ(response().status, WriteStatus::unavailable);
    EXPECT_EQ(response().detail, "late");
    EXPECT_EQ(response().accepted, 0U);
    EXPECT_TRUE(job_->finished());
}

TEST_F(JobTest, ADividedPartEndsTwice) {
    job_->set_parts(1);
    job_->add_part();
    job_->part_committed(LogPosition(1, Lsn{1}));
    EXPECT_TRUE(responses_.empty());
    job_->part_committed(LogPosition(1, Lsn{2}));
    EXPECT_EQ(response().token, LogPosition(1, Lsn{2}));
}

TEST_F(JobTest, OfSeveralEndsTheOneThatPromisesLeastCounts) {
    job_->set_parts(4);
    job_->part_refused();
    job_->part_unavailable("in doubt");
    job_->part_tenant_inactive();
    job_->part_committed(LogPosition(1, Lsn{1}));
    EXPECT_EQ(response().status, WriteStatus::unavailable);
    EXPECT_EQ(response().detail, "in doubt");
}

TEST(Severity, RisesFromWhatIsKnownToWhatIsNot) {
    const WriteStatus rising[] = {WriteStatus::done,           WriteStatus::unreadable,
                                  WriteStatus::refused,        WriteStatus::tenant_inactive,
                                  WriteStatus::tenant_unknown, WriteStatus::busy,
                                  WriteStatus::unavailable};
    for (std::size_t i = 1; i < std::size(rising); ++i) {
        EXPECT_LT(severity(rising[i - 1]), severity(rising[i]));
    }
}

// Goal: "nothing stored" is never said of a request of which a part was committed …
TEST_F(JobTest, ADisabledTenantOfWhichSomethingIsStoredIsInDoubt) {
    job_->set_parts(2);
    job_->part_committed(LogPosition(1, Lsn{1}));
    job_->part_tenant_inactive();
    EXPECT_EQ(response().status, WriteStatus::unavailable);
    EXPECT_NE(response().detail, "");
}

// … and always where none was: a part whose rows were all refused stored nothing.
TEST_F(JobTest, ADisabledTenantOfWhichTheRestWasRefusedIsDisabled) {
    job_->set_parts(2);
    job_->outcome.refuse_item(0, ItemCode::time_out_of_range, "a");
    job_->part_refused();
    job_->part_tenant_inactive();
    EXPECT_EQ(response().status, WriteStatus::tenant_inactive);
}

TEST_F(JobTest, APartThatWasRefusedLeavesTheOthersStored) {
    job_->set_parts(2);
    job_->outcome.refuse_item(1, ItemCode::entity_deleted, "b");
    job_->part_refused();
    job_->part_committed(LogPosition(1, Lsn{7}));
    EXPECT_EQ(response().status, WriteStatus::done);
    EXPECT_EQ(response().accepted, 2U);
    EXPECT_EQ(response().rejected, 2U);
    EXPECT_EQ(response().token, LogPosition(1, Lsn{7}));
}

TEST_F(JobTest, AnAtomicPartThatWasRefusedRefusesTheRequest) {
    make(true);
    EXPECT_FALSE(job_->refused_as_a_whole());
    job_->set_parts(1);
    job_->outcome.refuse_point(0, 1, ItemCode::not_representable, "y");
    EXPECT_TRUE(job_->refused_as_a_whole());
    job_->part_refused();
    EXPECT_EQ(response().status, WriteStatus::refused);
    EXPECT_EQ(response().accepted, 0U);
    EXPECT_EQ(response().rejected, 1U);
}

// Goal: a part of which nothing was left, and nothing refused, is no refusal (a null of an
// attribute that the tenant lacks stores nothing).
TEST_F(JobTest, APartWithNothingToWriteIsDone) {
    make(true);
    job_->set_parts(1);
    job_->part_refused();
    EXPECT_EQ(response().status, WriteStatus::done);
    EXPECT_EQ(response().accepted, 4U);
}

TEST_F(JobTest, NothingLeftIsARefusal) {
    job_->outcome.refuse_item(0, ItemCode::entity_limit, "a");
    job_->outcome.refuse_item(1, ItemCode::entity_limit, "b");
    job_->finish(WriteStatus::done, {});
    EXPECT_EQ(response().status, WriteStatus::refused);
    EXPECT_EQ(response().rejected, 4U);
}

}  // namespace
}  // namespace atlas::ingest
