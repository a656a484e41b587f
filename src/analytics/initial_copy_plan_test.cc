// SPDX-License-Identifier: Apache-2.0
#include "analytics/initial_copy_plan.h"

#include <gmock/gmock.h>

namespace atlas::analytics {
namespace {

using stream::Table;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Verdict = InitialCopyPlan::Verdict;

stream::Position at(std::uint64_t lsn) {
    return {.timeline = 1, .lsn = Lsn{lsn}};
}

stream::Transaction transaction(std::uint32_t xid, std::uint64_t commit) {
    return {.commit = at(commit), .end = at(commit + 8), .committed_at = {}, .xid = xid};
}

// Shows what ended before 10, and 11; 10 and 12 run.
stream::CopySnapshot snapshot(std::uint64_t after) {
    return {.after = at(after), .oldest = 10, .next = 13, .running = {10, 12}};
}

class PlanTest : public ::testing::Test {
protected:
    PlanTest() {
        notes_ = plan_.create({{.table = Table::entities, .range = {}},
                               {.table = Table::observations, .range = {.from = 0, .until = 10}},
                               {.table = Table::observations, .range = {.from = 20, .until = 30}}},
                              at(50));
    }
    // As the store keeps them.
    void keep(const std::vector<Note>& changed) {
        for (const Note& note : changed) {
            std::erase_if(notes_, [&note](const Note& kept) { return kept.name == note.name; });
            if (note.text) notes_.push_back(note);
        }
    }
    void copy_next() {
        const auto work = plan_.begin();
        ASSERT_TRUE(work);
        keep(InitialCopyPlan::done(*work, snapshot(100)));
        plan_.settle(*work, snapshot(100));
    }
    Verdict admit(std::uint32_t xid, std::int64_t observed_at) {
        return plan_.admit(transaction(xid, 90), Table::observations, observed_at);
    }

    InitialCopyPlan plan_;
    std::vector<Note> notes_;
};

TEST_F(PlanTest, SmallTablesComeFirstThenTheNewestObservations) {
    EXPECT_EQ(plan_.begin()->part.table, Table::entities);
    EXPECT_EQ(plan_.begin()->part.range.from, 20);
    EXPECT_EQ(plan_.begin()->part.range.from, 0);
    EXPECT_FALSE(plan_.begin());
}

// Goal: each change is in the copy or applied on top of it, never both and never neither.
TEST_F(PlanTest, AChangeIsAppliedExactlyWhenItsPartsSnapshotDoesNotShowIt) {
    copy_next();
    EXPECT_EQ(admit(11, 25), Verdict::skip);   // its part is still to come
    EXPECT_EQ(admit(11, 15), Verdict::apply);  // no part: a partition made since
    EXPECT_EQ(admit(11, 30), Verdict::apply);
    const auto work = plan_.begin();
    EXPECT_EQ(admit(11, 25), Verdict::wait);
    plan_.settle(*work, snapshot(100));
    EXPECT_EQ(admit(11, 25), Verdict::skip);
    EXPECT_EQ(admit(12, 25), Verdict::apply);
    EXPECT_EQ(plan_.admit(transaction(11, 100), Table::observations, 25), Verdict::apply);
    EXPECT_EQ(admit(12, 5), Verdict::skip);
    EXPECT_EQ(plan_.admit(transaction(12, 90), Table::entities, 0), Verdict::apply);
    EXPECT_EQ(plan_.admit(transaction(12, 90), Table::tenants, 0), Verdict::apply);
}

// Goal: a snapshot that does not show what was skipped before is never used.
TEST_F(PlanTest, APartNamesTheTransactionsThatItsSnapshotHasToShow) {
    plan_.delivered(transaction(7, 60));
    plan_.passed(at(68));
    plan_.delivered(transaction(8, 70));
    const auto work = plan_.begin();
    EXPECT_THAT(work->delivered, ElementsAre(7, 8));
    EXPECT_EQ(work->safe, at(68));
    plan_.give_up(*work);
    plan_.delivered(transaction(9, 80));
    EXPECT_THAT(plan_.begin()->delivered, ElementsAre(7, 8, 9));
}

TEST_F(PlanTest, AfterACrashTheLogComesAgainFromWhereAllWasVisible) {
    plan_.delivered(transaction(7, 60));
    plan_.passed(at(68));
    const auto work = plan_.begin();
    plan_.passed(at(80));
    EXPECT_EQ(plan_.safe(), at(50));
    keep(InitialCopyPlan::done(*work, snapshot(100)));
    plan_.settle(*work, snapshot(100));
    EXPECT_EQ(plan_.safe(), at(68));
    InitialCopyPlan again;
    ASSERT_TRUE(again.restore(notes_));
    EXPECT_EQ(again.safe(), at(68));
}

TEST_F(PlanTest, AnInterruptedPartIsRepeatedAndNoOther) {
    copy_next();
    const auto work = plan_.begin();
    EXPECT_FALSE(work->repeated);
    keep(InitialCopyPlan::begun(*work));
    InitialCopyPlan again;
    ASSERT_TRUE(again.restore(notes_));
    EXPECT_EQ(again.progress().done, 1U);
    EXPECT_EQ(again.progress().parts, 3U);
    const auto repeated = again.begin();
    EXPECT_EQ(repeated->part.range.from, 20);
    EXPECT_TRUE(repeated->repeated);
    EXPECT_FALSE(again.begin()->repeated);
    // What is done decides as before.
    EXPECT_EQ(again.admit(transaction(11, 90), Table::entities, 0), Verdict::skip);
    EXPECT_EQ(again.admit(transaction(12, 90), Table::entities, 0), Verdict::apply);
}

TEST_F(PlanTest, ItEndsWhenTheLogIsPastEverySnapshot) {
    copy_next();
    copy_next();
    EXPECT_THAT(plan_.finish(at(500)), IsEmpty());  // a part is missing
    copy_next();
    EXPECT_THAT(plan_.finish(at(99)), IsEmpty());
    keep(plan_.finish(at(100)));
    EXPECT_FALSE(plan_.complete());
    plan_.finished();
    EXPECT_TRUE(plan_.complete());
    EXPECT_FALSE(plan_.safe());
    EXPECT_EQ(notes_.size(), 1U);
    InitialCopyPlan again;
    ASSERT_TRUE(again.restore(notes_));
    EXPECT_TRUE(again.complete());
    EXPECT_FALSE(again.begin());
}

TEST_F(PlanTest, NotesThatAreDamagedAreNoPlan) {
    InitialCopyPlan again;
    EXPECT_FALSE(again.restore({}));
    EXPECT_FALSE(again.restore({{.name = "copy", .text = "soon"}}));
    for (const char* part : {"copy/boats", "copy/observations 1", "copy/observations 1 x"}) {
        EXPECT_FALSE(
            again.restore({{.name = "copy", .text = "1 0/10"}, {.name = part, .text = "waiting"}}))
            << part;
    }
    EXPECT_FALSE(again.restore(
        {{.name = "copy", .text = "1 0/10"}, {.name = "copy/entities", .text = "1 0/10 x"}}));
}

}  // namespace
}  // namespace atlas::analytics
