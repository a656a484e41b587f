// SPDX-License-Identifier: Apache-2.0
//
// Goal: everything that is committed reaches a follower, once, whole and in order, whatever ends on
// the way.
// Method: a real server; a follower that remembers; what ends is ended as a crash would.
#include <atomic>

#include "observe/process.h"
#include "stream/test_stream.h"

namespace atlas::stream {
namespace {

using namespace std::chrono_literals;
using test::eventually;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class StreamReaderTest : public StreamTest {
protected:
    void SetUp() override { run("SELECT atlas_ensure_partitions(ARRAY[current_date])"); }

    // As when it holds back more than the server keeps.
    void invalidate_slot() {
        one("ALTER SYSTEM SET max_slot_wal_keep_size = '1MB'");
        one("SELECT pg_reload_conf()");
        EXPECT_TRUE(eventually([&] {
            one("SELECT pg_logical_emit_message(false, 'fill', 'x'), pg_switch_wal()");
            one("CHECKPOINT");
            return one("SELECT wal_status FROM pg_replication_slots WHERE slot_name = '" + slot_ +
                       "'") == "lost";
        }));
        one("ALTER SYSTEM RESET max_slot_wal_keep_size");
        one("SELECT pg_reload_conf()");
    }
};

TEST_F(StreamReaderTest, CommitsArriveInOrder) {
    start();
    ASSERT_TRUE(await_state(ReaderState::streaming));
    observe(1);
    observe(2, 4);
    ASSERT_TRUE(await_rows(4));
    EXPECT_THAT(follower_.values("entity_id"), ElementsAre("1", "2", "3", "4"));
    const auto rows = follower_.rows();
    EXPECT_LT(rows[0].commit, rows[0].end);
    EXPECT_LE(rows[0].end, rows[1].commit);
    EXPECT_EQ(rows[1].commit, rows[3].commit);
    EXPECT_EQ(rows[0].cells.at("tenant_id"), "2");
    EXPECT_EQ(rows[0].cells.at("int_values"), "NULL");
}

// Goal: a reader that starts again continues from its follower's checkpoint: what it has does not
// come twice, what was committed meanwhile is not left out.
TEST_F(StreamReaderTest, ContinuesFromTheCheckpoint) {
    start();
    ASSERT_TRUE(await_state(ReaderState::streaming));
    observe(1);
    ASSERT_TRUE(await_rows(1));
    for (int entity = 2; entity < 5; ++entity) {
        stop();
        follower_.forget_what_is_not_durable();
        observe(entity);
        start();
        ASSERT_TRUE(await_rows(static_cast<std::size_t>(entity)));
    }
    EXPECT_THAT(follower_.values("entity_id"), ElementsAre("1", "2", "3", "4"));
    EXPECT_EQ(follower_.started_over(), 0);
}

// Goal: sessions that end on the server's side cost nothing but time.
TEST_F(StreamReaderTest, SurvivesTheEndOfItsSession) {
    start();
    ASSERT_TRUE(await_state(ReaderState::streaming));
    for (int round = 1; round <= 3; ++round) {
        observe(2 * round - 1);
        one("SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots"
            " WHERE slot_name = '" +
            slot_ + "'");
        observe(2 * round);
        ASSERT_TRUE(await_rows(2 * static_cast<std::size_t>(round)));
        ASSERT_TRUE(eventually([&] { return follower_.sessions() > round; }));
    }
    EXPECT_THAT(follower_.values("entity_id"), ElementsAre("1", "2", "3", "4", "5", "6"));
}

TEST_F(StreamReaderTest, SurvivesTheServersCrashAndRestart) {
    start();
    ASSERT_TRUE(await_state(ReaderState::streaming));
    observe(1);
    ASSERT_TRUE(await_rows(1));
    auto& cluster = test::TestCluster::shared();
    for (const bool crash : {true, false}) {
        const int next = crash ? 2 : 3;
        if (crash) {
            cluster.kill();
        } else {
            cluster.stop();
        }
        ASSERT_TRUE(await_state(ReaderState::connecting));
        cluster.start();
        connection_ = connect(conninfo_);
        observe(next);
        ASSERT_TRUE(await_rows(static_cast<std::size_t>(next)));
    }
    EXPECT_THAT(follower_.values("entity_id"), ElementsAre("1", "2", "3"));
}

// Goal: a slot that was dropped, made again or invalidated leaves a gap: the follower stops loudly,
// and starts over when an operator says so.
TEST_F(StreamReaderTest, ALostSlotStopsItsFollowerUntilItIsRebuilt) {
    start();
    ASSERT_TRUE(await_state(ReaderState::streaming));
    observe(1);
    ASSERT_TRUE(await_rows(1));
    int round = 0;
    for (const std::string reason : {"was dropped", "was made again", "has deleted log"}) {
        ++round;
        stop();
        if (reason == "has deleted log") {
            invalidate_slot();
        } else {
            ASSERT_TRUE(drop_slots());
        }
        observe(10 * round);
        if (reason == "was made again") {
            one("SELECT pg_create_logical_replication_slot('" + slot_ + "', 'pgoutput')");
        }
        start();
        ASSERT_TRUE(await_state(ReaderState::stopped));
        const auto stopped = reader_->status().followers.at(0);
        ASSERT_TRUE(stopped.failed);
        EXPECT_EQ(stopped.failed->remedy, Error::Remedy::rebuild);
        EXPECT_THAT(stopped.failed->message, HasSubstr(reason));
        EXPECT_EQ(stopped.lag_seconds, std::nullopt);
        EXPECT_THAT(reader_->status().detail, HasSubstr("run atlas stream rebuild"));
        EXPECT_FALSE(reader_->rebuild("nobody"));
        EXPECT_TRUE(reader_->rebuild("test"));
        ASSERT_TRUE(await_state(ReaderState::streaming));
        EXPECT_EQ(follower_.started_over(), round);
        observe(10 * round + 1);
        ASSERT_TRUE(await_rows(1));
        EXPECT_THAT(follower_.values("entity_id"), ElementsAre(std::to_string(10 * round + 1)));
    }
}

// Goal: a publication that was missing for a while is a gap, which is told and repaired, and not
// tried again and again.
TEST_F(StreamReaderTest, ChangesWithoutAPublicationAreAGap) {
    auto impatient = options();
    impatient.recheck = 50ms;
    start(impatient);
    ASSERT_TRUE(await_state(ReaderState::streaming));
    observe(1);
    ASSERT_TRUE(await_rows(1));
    one("DROP PUBLICATION eav_cdc");
    observe(2);
    ASSERT_TRUE(await_state(ReaderState::unavailable));
    // What the advice says.
    one("CREATE PUBLICATION eav_cdc FOR TABLE public.tenants, public.attributes, "
        "public.tenant_attributes, public.entities, public.entity_jsonb, public.shapes, "
        "public.observations, public.replication_heartbeat "
        "WITH (publish_via_partition_root = true)");
    ASSERT_TRUE(await_state(ReaderState::stopped));
    EXPECT_THAT(reader_->status().detail, HasSubstr("atlas stream rebuild"));
    ASSERT_TRUE(reader_->rebuild("test"));
    ASSERT_TRUE(await_state(ReaderState::streaming));
    observe(3);
    ASSERT_TRUE(await_rows(1));
    EXPECT_THAT(follower_.values("entity_id"), ElementsAre("3"));
}

// Goal: where the server or the role cannot stream, the reader says so and looks again.
TEST_F(StreamReaderTest, ARoleWithoutTheRightIsUnavailable) {
    auto plain = options();
    plain.conninfo = test::TestCluster::shared().as_role(conninfo_, "stream_plain");
    plain.recheck = 50ms;
    one("CREATE ROLE stream_plain LOGIN");
    start(plain);
    ASSERT_TRUE(await_state(ReaderState::unavailable));
    EXPECT_THAT(reader_->status().detail, HasSubstr("ALTER ROLE stream_plain REPLICATION;"));
    one("ALTER ROLE stream_plain REPLICATION");
    ASSERT_TRUE(await_state(ReaderState::streaming));
    EXPECT_EQ(reader_->status().detail, "");
    observe(1);
    ASSERT_TRUE(await_rows(1));
    stop();
    one("DROP ROLE stream_plain");
}

// Goal: PostgreSQL says nothing to a position that it has not reached, and withholds what it
// commits below it; the reader does not ask for one.
TEST_F(StreamReaderTest, ForeignCheckpointsAreRefused) {
    start();
    ASSERT_TRUE(await_state(ReaderState::streaming));
    observe(1);
    ASSERT_TRUE(await_rows(1));
    stop();
    const Checkpoint good = *follower_.checkpoint();
    Checkpoint system = good;
    system.system_id = "123";
    Checkpoint timeline = good;
    timeline.position.timeline += 1;
    Checkpoint beyond = good;
    beyond.position.lsn.value += std::uint64_t{1} << 40U;
    for (const auto& [checkpoint, reason] :
         {std::pair(system, "of database system 123"), std::pair(timeline, "of timeline 2"),
          std::pair(beyond, "beyond the server's own log")}) {
        follower_.set_checkpoint(checkpoint);
        start();
        ASSERT_TRUE(await_state(ReaderState::stopped));
        const auto failed = reader_->status().followers.at(0).failed;
        ASSERT_TRUE(failed);
        EXPECT_THAT(failed->message, HasSubstr(reason));
        stop();
    }
    follower_.set_checkpoint(good);
    observe(2);
    start();
    ASSERT_TRUE(await_rows(2));
    EXPECT_THAT(follower_.values("entity_id"), ElementsAre("1", "2"));
}

// Goal: the slot is confirmed behind what is durable, and not before; the position moves on an idle
// system and during an open transaction.
TEST_F(StreamReaderTest, TheSlotIsConfirmedBehindTheDurableCheckpoint) {
    follower_.durable_commits = false;
    primary_.start();
    start();
    ASSERT_TRUE(await_state(ReaderState::streaming));
    const auto confirmed = [&] {
        return parse_lsn(one("SELECT confirmed_flush_lsn FROM pg_replication_slots"
                             " WHERE slot_name = '" +
                             slot_ + "'"))
            .value();
    };
    const Lsn begin = confirmed();
    const auto received_to = [&](Lsn lsn) {
        return eventually([&] { return reader_->status().received->lsn >= lsn; });
    };
    observe(1);
    run("BEGIN");
    observe(2);
    ASSERT_TRUE(await_rows(1));
    const Lsn end = parse_lsn(one("SELECT pg_switch_wal()")).value();
    ASSERT_TRUE(received_to(end));
    EXPECT_EQ(reader_->status().followers.at(0).lag_seconds, 0.0);
    EXPECT_EQ(confirmed(), begin);
    follower_.save();
    ASSERT_TRUE(eventually([&] { return confirmed() >= end; }));
    run("COMMIT");
    ASSERT_TRUE(await_rows(2));
}

// Goal: of two followers the slower one keeps the slot, and the faster one sees nothing twice.
TEST_F(StreamReaderTest, FollowersContinueEachFromItsOwnCheckpoint) {
    TestFollower& second = second_;
    second.durable_commits = false;
    followers_.push_back(&second_);
    start();
    ASSERT_TRUE(await_state(ReaderState::streaming));
    observe(1);
    ASSERT_TRUE(eventually([&] { return second.rows().size() == 1; }));
    second.save();
    observe(2, 3);
    ASSERT_TRUE(eventually([&] { return second.rows().size() == 3; }));
    ASSERT_TRUE(await_rows(3));
    stop();
    second.forget_what_is_not_durable();
    start();
    ASSERT_TRUE(eventually([&] { return second.rows().size() == 5; }));
    observe(4);
    ASSERT_TRUE(await_rows(4));
    EXPECT_THAT(follower_.values("entity_id"), ElementsAre("1", "2", "3", "4"));
    EXPECT_THAT(second.values("entity_id"), ElementsAre("1", "2", "3", "2", "3", "4"));
}

// Goal: a follower that cannot go on is left out, one that asks for another try gets the same rows
// again, and the others get each row once.
TEST_F(StreamReaderTest, AFollowerThatFailsDoesNotStopTheOthers) {
    TestFollower& failing = second_;
    auto attempts = std::make_shared<std::atomic<int>>(0);
    failing.on_change = [attempts](const Change&) -> Expected<void> {
        const int attempt = ++*attempts;
        if (attempt == 2) return failure(Error{Error::Remedy::retry, "busy"});
        if (attempt == 4) return failure(Error{Error::Remedy::rebuild, "damaged"});
        return {};
    };
    followers_.push_back(&second_);
    start();
    ASSERT_TRUE(await_state(ReaderState::streaming));
    for (int entity = 1; entity <= 4; ++entity) observe(entity);
    ASSERT_TRUE(await_rows(4));
    EXPECT_THAT(follower_.values("entity_id"), ElementsAre("1", "2", "3", "4"));
    EXPECT_THAT(failing.values("entity_id"), ElementsAre("1", "2"));
    const auto status = reader_->status();
    EXPECT_EQ(status.state, ReaderState::streaming);
    EXPECT_EQ(status.followers.at(0).failed, std::nullopt);
    EXPECT_EQ(status.followers.at(1).failed->message, "damaged");
    EXPECT_TRUE(reader_->rebuild("second"));
    ASSERT_TRUE(eventually([&] { return failing.started_over() == 1; }));
    ASSERT_TRUE(await_state(ReaderState::streaming));
    observe(5);
    ASSERT_TRUE(await_rows(5));
    ASSERT_TRUE(eventually([&] { return !failing.values("entity_id").empty(); }));
    EXPECT_EQ(failing.values("entity_id").back(), "5");
    EXPECT_EQ(follower_.values("entity_id").size(), 5U);
}

// Goal: a follower that is busy for longer than the server waits costs the session, and no row.
TEST_F(StreamReaderTest, AFollowerSlowerThanTheServersPatience) {
    auto waited = std::make_shared<std::atomic<bool>>(false);
    // The reader's thread needs a session of its own.
    auto session = std::make_shared<pg::Connection>(connect(conninfo_));
    follower_.on_change = [this, waited, session](const Change&) -> Expected<void> {
        if (*waited) return {};
        *waited = eventually([this, &session] {
            const auto active = session->exec(
                "SELECT active FROM pg_replication_slots WHERE slot_name = '" + slot_ + "'");
            return active && !active->boolean(0, 0);
        });
        return {};
    };
    auto impatient = options();
    impatient.conninfo += " options='-c wal_sender_timeout=500ms'";
    start(impatient);
    ASSERT_TRUE(await_state(ReaderState::streaming));
    observe(1, 3);
    ASSERT_TRUE(eventually([&] { return follower_.sessions() >= 2; }));
    EXPECT_TRUE(*waited);
    observe(4);
    ASSERT_TRUE(await_rows(4));
    EXPECT_THAT(follower_.values("entity_id"), ElementsAre("1", "2", "3", "4"));
}

// Goal: a transaction larger than what we would like to hold passes through, and a backlog of small
// ones arrives one by one.
TEST_F(StreamReaderTest, LargeTransactionsTakeNoMemory) {
    follower_.keep_rows = false;
    start();
    ASSERT_TRUE(await_state(ReaderState::streaming));
    observe(1, 1000);
    ASSERT_TRUE(eventually([&] { return follower_.changes() == 1000; }));
    const auto before = observe::resident_bytes();
    run("UPDATE observations SET text_values = ARRAY[repeat('x', 1000)];"
        "INSERT INTO observations (tenant_id, entity_id, observed_at, received_at, attrs,"
        " text_values) SELECT 3, n, now(), now(), '{1}', ARRAY[repeat(md5(n::text), 20)]"
        " FROM generate_series(1, 100000) n");
    ASSERT_TRUE(eventually([&] { return follower_.changes() == 102'000; }));
    // Of 65 MB; sanitizers keep some.
    EXPECT_LT(observe::resident_bytes(), before + (std::uint64_t{40} << 20U));
}

TEST_F(StreamReaderTest, TenThousandTinyTransactions) {
    start();
    ASSERT_TRUE(await_state(ReaderState::streaming));
    run("DO $$ BEGIN FOR n IN 1..10000 LOOP INSERT INTO observations (tenant_id, entity_id,"
        " observed_at, received_at, attrs, double_values)"
        " VALUES (2, n, now(), now(), '{1}', '{1.5}'); COMMIT; END LOOP; END $$");
    ASSERT_TRUE(await_rows(10'000));
    const auto entities = follower_.values("entity_id");
    for (std::size_t i = 0; i < entities.size(); ++i) {
        ASSERT_EQ(entities[i], std::to_string(i + 1));
    }
    EXPECT_GE(follower_.commits(), 10'000);
}

}  // namespace
}  // namespace atlas::stream
