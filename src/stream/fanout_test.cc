// SPDX-License-Identifier: Apache-2.0
//
// Goal: which transactions a follower is handed, what may be confirmed, and what it has not
// applied.
#include "stream/fanout.h"

#include <gmock/gmock.h>

#include "stream/test_follower.h"

namespace atlas::stream {
namespace {

using ::testing::ElementsAre;

Position at(std::uint64_t lsn, std::int64_t timeline = 1) {
    return {.timeline = timeline, .lsn = Lsn{lsn}};
}

class FanoutTest : public ::testing::Test {
protected:
    FanoutTest() {
        relation_.name = "observations";
        relation_.columns = {{.name = "entity_id", .type_oid = pg::kTextOid, .key = true}};
    }
    // A transaction of one row; its commit record is 10 bytes.
    void commit(std::uint64_t lsn, const std::string& entity, Time time = {}) {
        Transaction transaction{.commit = at(lsn), .end = at(lsn), .committed_at = time};
        ASSERT_TRUE(fanout_.begin(transaction));
        const Cell cell{.kind = Cell::Kind::value, .bytes = entity};
        ASSERT_TRUE(fanout_.change({.operation = Operation::insert,
                                    .relation = &relation_,
                                    .row = {&cell, 1},
                                    .old_key = {}}));
        transaction.end = at(lsn + 10);
        ASSERT_TRUE(fanout_.commit(transaction));
    }

    Relation relation_;
    TestFollower first_{"first"};
    TestFollower second_{"second"};
    Fanout fanout_{{&first_, &second_}};
};

// Goal: the boundary is where the commit record begins, as it is for the server.
TEST_F(FanoutTest, EachBeginsAfterItsCheckpoint) {
    first_.set_checkpoint(Checkpoint{"1", at(110)});
    second_.set_checkpoint(Checkpoint{"1", at(100)});
    ASSERT_TRUE(fanout_.resume("1", at(50)));
    commit(99, "before");
    commit(100, "a");
    commit(110, "b");
    EXPECT_THAT(first_.values("entity_id"), ElementsAre("b"));
    EXPECT_THAT(second_.values("entity_id"), ElementsAre("a", "b"));
}

// Goal: a message of no transaction is handed on once, too.
TEST_F(FanoutTest, MessagesCountByTheirPlace) {
    first_.set_checkpoint(Checkpoint{"1", at(110)});
    second_.set_checkpoint(Checkpoint{"1", at(100)});
    ASSERT_TRUE(fanout_.resume("1", at(50)));
    for (const std::uint64_t end : {100U, 110U, 120U}) {
        ASSERT_TRUE(fanout_.message({.end = Lsn{end}, .prefix = "p", .content = "c"}));
    }
    EXPECT_EQ(first_.messages().size(), 1U);
    EXPECT_EQ(second_.messages().size(), 2U);
}

TEST_F(FanoutTest, NothingIsConfirmedBeforeAllHaveData) {
    first_.set_checkpoint(Checkpoint{"1", at(110)});
    EXPECT_EQ(fanout_.confirmable(), std::nullopt);
    second_.set_checkpoint(Checkpoint{"1", at(90)});
    EXPECT_EQ(fanout_.confirmable(), at(90));
}

// Goal: one that waits for a rebuild needs no log; one that an operator has to look after does.
TEST_F(FanoutTest, TheOneThatStartsOverHoldsNothingBack) {
    first_.set_checkpoint(Checkpoint{"1", at(110)});
    second_.set_checkpoint(Checkpoint{"2", at(90)});
    const auto admit = [&](Error::Remedy remedy) {
        return fanout_.admit([remedy](const Checkpoint& checkpoint) -> std::optional<Error> {
            if (checkpoint.system_id == "1") return std::nullopt;
            return Error{remedy, remedy == Error::Remedy::stop ? "look" : "gap"};
        });
    };
    EXPECT_TRUE(admit(Error::Remedy::stop));
    EXPECT_EQ(fanout_.confirmable(), at(90));
    EXPECT_TRUE(admit(Error::Remedy::rebuild));
    EXPECT_EQ(fanout_.confirmable(), at(110));
    ASSERT_TRUE(fanout_.start_over("second"));
    EXPECT_EQ(second_.started_over(), 1);
    EXPECT_EQ(fanout_.confirmable(), std::nullopt);
}

// Goal: a checkpoint of an older timeline that was admitted counts by its place in the log.
TEST_F(FanoutTest, PlacesOfAdmittedTimelinesCompare) {
    first_.set_checkpoint(Checkpoint{"1", at(110, 1)});
    second_.set_checkpoint(Checkpoint{"1", at(0, 1)});
    ASSERT_TRUE(fanout_.resume("1", at(50, 2)));
    Transaction transaction{.commit = at(100, 2), .end = at(100, 2)};
    ASSERT_TRUE(fanout_.begin(transaction));
    transaction.end = at(110, 2);
    ASSERT_TRUE(fanout_.commit(transaction));
    EXPECT_EQ(first_.commits(), 0);
    EXPECT_EQ(second_.commits(), 1);
}

// Goal: of any number of transactions that are not applied the oldest one's time is known.
TEST_F(FanoutTest, RemembersTheOldestThatIsNotApplied) {
    first_.durable_commits = false;
    first_.set_checkpoint(Checkpoint{"1", at(1)});
    second_.set_checkpoint(Checkpoint{"1", at(1)});
    ASSERT_TRUE(fanout_.resume("1", at(1)));
    first_.hold_applied = true;
    const Time begin = time_from_micros(1'000'000);
    constexpr std::uint64_t kCount = 3 * Fanout::kMaxUnapplied;
    for (std::uint64_t i = 0; i < kCount; ++i) {
        commit(100 + 10 * i, "e", begin + std::chrono::microseconds(i));
    }
    EXPECT_EQ(fanout_.states().at(0).oldest_unapplied, begin);
    EXPECT_EQ(fanout_.states().at(1).oldest_unapplied, std::nullopt);
    // It applies half of them: the time may be that of the younger half's pair, and not later.
    first_.set_checkpoint(Checkpoint{"1", at(100 + 10 * (kCount / 2))});
    const auto oldest = fanout_.states().at(0).oldest_unapplied;
    ASSERT_TRUE(oldest);
    const Time exact = begin + std::chrono::microseconds(kCount / 2);
    EXPECT_LE(*oldest, exact);
    EXPECT_GE(*oldest, exact - std::chrono::microseconds(16));
}

TEST_F(FanoutTest, AllHaveToBeReady) {
    EXPECT_TRUE(fanout_.ready());
    second_.is_ready = false;
    const auto ready = fanout_.ready();
    ASSERT_FALSE(ready);
    EXPECT_EQ(ready.error().message, "not yet");
    fanout_.fail({.remedy = Error::Remedy::stop, .message = "stopped"});
    EXPECT_TRUE(fanout_.ready());
}

}  // namespace
}  // namespace atlas::stream
