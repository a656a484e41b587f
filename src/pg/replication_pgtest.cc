// SPDX-License-Identifier: Apache-2.0
//
// Goal: what a follower of the log rests on: positions, transactions whole and in order, the
// dialogue that keeps a session alive, and that what was confirmed never comes again.
// Method: a real server; the first byte of a message of pgoutput says what it is.
#include "pg/replication.h"

#include <gmock/gmock.h>

#include <atomic>

#include "pg/connection.h"
#include "testing/test_cluster.h"

namespace atlas::pg {
namespace {

using namespace std::chrono_literals;
using test::TestCluster;
using ::testing::HasSubstr;

constexpr std::array<PluginOption, 2> kOptions{
    {{.name = "proto_version", .value = "1"}, {.name = "publication_names", .value = "changes"}}};

std::string new_slot_name() {
    static std::atomic<int> count{0};
    return fmt::format("slot_{}", ++count);
}

class ReplicationTest : public ::testing::Test {
protected:
    void SetUp() override {
        run("CREATE TABLE t (a text)");
        run("CREATE PUBLICATION changes FOR TABLE t");
    }
    void TearDown() override {
        session_.reset();
        // A server notices the end of a session a moment later.
        const std::string mine = " FROM pg_replication_slots WHERE slot_name = '" + slot_ + "'";
        while (one("SELECT 1" + mine)) {
            one("SELECT pg_drop_replication_slot(slot_name)" + mine + " AND NOT active");
        }
    }

    void run(const std::string& sql) {
        const auto done = connection_.exec(sql);
        ASSERT_TRUE(done) << done.error().message;
    }
    std::optional<std::string> one(const std::string& sql) {
        const auto rows = admin_.exec(sql);
        if (!rows || rows->empty()) return std::nullopt;
        return std::string(rows->text(0, 0));
    }

    ReplicationSession open(const std::string& more = {}, const SessionSettings& settings = {}) {
        return ReplicationSession::open(TestCluster::shared().as_replication(conninfo_) + more,
                                        settings)
            .value();
    }
    // A session that streams the slot of this test, which it creates first.
    ReplicationSession& stream(const std::string& more = {}) {
        session_.emplace(open(more));
        if (slot_.empty()) {
            slot_ = new_slot_name();
            created_at_ = session_->create_slot(slot_, SlotLifetime::permanent).value();
        }
        const auto started = session_->start(slot_, {}, kOptions);
        EXPECT_TRUE(started) << started.error().message;
        return *session_;
    }
    // The messages up to the next commit, Relation left out: their first bytes and their content.
    std::string transaction(ReplicationSession& session) {
        std::string tags;
        bytes_.clear();
        while (!tags.ends_with('C')) {
            const auto message = session.receive(10s);
            if (!message || !*message) {
                ADD_FAILURE() << (message ? "nothing arrived" : message.error().message);
                break;
            }
            const auto* data = std::get_if<LogData>(&**message);
            if (data == nullptr) continue;
            if (data->start.value != 0) position_ = data->start;
            if (data->bytes.front() != 'R') tags += data->bytes.front();
            bytes_ += data->bytes;
        }
        return tags;
    }
    void confirm(ReplicationSession& session, Lsn lsn) {
        const auto sent = session.send_status(
            {.written = lsn, .flushed = lsn, .applied = lsn, .sent_at = now()}, true);
        ASSERT_TRUE(sent) << sent.error().message;
        // The reply says that the status was read.
        for (bool replied = false; !replied;) {
            const auto message = session.receive(10s);
            ASSERT_TRUE(message && *message);
            replied = std::holds_alternative<Keepalive>(**message);
        }
    }

    const std::string conninfo_ = TestCluster::shared().make_empty_database();
    Connection connection_ = Connection::open(conninfo_, {}).value();
    Connection admin_ = Connection::open(TestCluster::shared().as_superuser(conninfo_), {}).value();
    std::optional<ReplicationSession> session_;
    std::string slot_;
    Lsn created_at_;
    Lsn position_;       // of the last message that has one
    std::string bytes_;  // of the last transaction
};

TEST_F(ReplicationTest, IdentifiesTheServer) {
    const auto identity = open().identify();
    ASSERT_TRUE(identity) << identity.error().message;
    EXPECT_EQ(identity->system_id, one("SELECT system_identifier FROM pg_control_system()"));
    EXPECT_EQ(identity->timeline, 1);
    EXPECT_LE(identity->flushed, parse_lsn(*one("SELECT pg_current_wal_flush_lsn()")));
    EXPECT_GT(identity->flushed, Lsn{});
    // What a history says is tested where a server has one: src/primary/server_identity_pgtest.cc.
    auto session = open();
    const auto history = session.timeline_history(1);
    ASSERT_FALSE(history);
    EXPECT_EQ(history.error().sqlstate, "58P01");
    EXPECT_TRUE(session.identify());
}

TEST_F(ReplicationTest, TransactionsArriveWholeAndInOrder) {
    ReplicationSession& session = stream();
    run("INSERT INTO t VALUES ('first')");
    run("INSERT INTO t VALUES ('second'), ('third')");
    EXPECT_EQ(transaction(session), "BIC");
    EXPECT_THAT(bytes_, HasSubstr("first"));
    EXPECT_GE(position_, created_at_);
    const Lsn first = position_;
    EXPECT_EQ(transaction(session), "BIIC");
    EXPECT_THAT(bytes_, HasSubstr("third"));
    EXPECT_GT(position_, first);
}

TEST_F(ReplicationTest, ReceiveWaitsNoLongerThanItIsTold) {
    ReplicationSession& session = stream();
    std::optional<ReplicationMessage> message;
    do {  // keepalives of the beginning
        message = session.receive(1ms).value();
    } while (message && std::holds_alternative<Keepalive>(*message));
    EXPECT_FALSE(message);
    EXPECT_TRUE(session.streaming());
}

// Goal: a follower that answers outlives the server's patience for one that does not.
TEST_F(ReplicationTest, AnsweredKeepalivesKeepTheSessionAlive) {
    ReplicationSession& session = stream(" options='-c wal_sender_timeout=3s'");
    for (int answered = 0; answered < 2;) {
        const auto message = session.receive(10s);
        ASSERT_TRUE(message) << message.error().message;
        ASSERT_TRUE(*message);
        const auto* keepalive = std::get_if<Keepalive>(&**message);
        ASSERT_NE(keepalive, nullptr);
        EXPECT_GE(keepalive->end, created_at_);
        if (!keepalive->reply_requested) continue;
        ++answered;
        ASSERT_TRUE(session.send_status({.written = keepalive->end,
                                         .flushed = keepalive->end,
                                         .applied = keepalive->end,
                                         .sent_at = now()}));
    }
    run("INSERT INTO t VALUES ('alive')");
    EXPECT_EQ(transaction(session), "BIC");
}

TEST_F(ReplicationTest, SilenceEndsTheSession) {
    ReplicationSession& session = stream(" options='-c wal_sender_timeout=500ms'");
    auto message = session.receive(10s);
    while (message && *message) message = session.receive(10s);
    ASSERT_FALSE(message);
    EXPECT_EQ(message.error().kind, ErrorKind::connection);
    EXPECT_FALSE(session.usable());
    EXPECT_EQ(session.receive(0ms).error().kind, ErrorKind::connection);
}

// Goal: after a restart from the confirmed position nothing comes twice and nothing is lost.
TEST_F(ReplicationTest, WhatIsConfirmedDoesNotComeAgain) {
    ReplicationSession& session = stream();
    run("INSERT INTO t VALUES ('one')");
    run("INSERT INTO t VALUES ('two')");
    transaction(session);
    confirm(session, parse_lsn(*one("SELECT pg_current_wal_flush_lsn()")).value());
    ASSERT_TRUE(session.stop(10s));
    run("INSERT INTO t VALUES ('three')");
    // Not confirmed by the second session, so the third gets it as well.
    for (int again = 0; again < 2; ++again) {
        ReplicationSession& next = stream();
        EXPECT_EQ(transaction(next), "BIC");
        EXPECT_THAT(bytes_, HasSubstr("three"));
        ASSERT_TRUE(next.stop(10s));
    }
}

// Goal: a stopped session takes commands, but no second stream, which PostgreSQL would end at once.
TEST_F(ReplicationTest, SessionHasOneStream) {
    ReplicationSession& session = stream();
    ASSERT_TRUE(session.stop(10s));
    EXPECT_FALSE(session.streaming());
    EXPECT_TRUE(session.identify());
    EXPECT_EQ(session.start(slot_, {}, kOptions).error().kind, ErrorKind::other);
    EXPECT_EQ(session.receive(0ms).error().kind, ErrorKind::other);
    EXPECT_EQ(session.send_status({}).error().kind, ErrorKind::other);
    EXPECT_TRUE(session.stop(10s));
}

// Goal: a position at or after the last commit skips what is before it.
TEST_F(ReplicationTest, StartsFromAPosition) {
    session_.emplace(open());
    slot_ = new_slot_name();
    ASSERT_TRUE(session_->create_slot(slot_, SlotLifetime::permanent));
    run("INSERT INTO t VALUES ('skipped')");
    const Lsn from = parse_lsn(*one("SELECT pg_current_wal_flush_lsn()")).value();
    run("INSERT INTO t VALUES ('sent')");
    ASSERT_TRUE(session_->start(slot_, from, kOptions));
    EXPECT_EQ(transaction(*session_), "BIC");
    EXPECT_THAT(bytes_, HasSubstr("sent"));
}

TEST_F(ReplicationTest, SlotHasOneSessionAtATime) {
    stream();
    auto other = open();
    const auto second = other.start(slot_, {}, kOptions);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().kind, ErrorKind::retryable);
    EXPECT_EQ(second.error().sqlstate, "55006");
    EXPECT_EQ(second.error().statement_name, "start_replication");
    EXPECT_EQ(other.drop_slot(slot_).error().kind, ErrorKind::retryable);
    EXPECT_EQ(other.create_slot(slot_, SlotLifetime::permanent).error().sqlstate, "42710");
    ASSERT_TRUE(session_->stop(10s));
    EXPECT_TRUE(session_->drop_slot(slot_));
    EXPECT_EQ(session_->drop_slot(slot_).error().sqlstate, "42704");
    EXPECT_EQ(other.start(slot_, {}, kOptions).error().sqlstate, "42704");
}

TEST_F(ReplicationTest, TemporarySlotEndsWithItsSession) {
    const std::string slot = new_slot_name();
    {
        auto session = open();
        ASSERT_TRUE(session.create_slot(slot, SlotLifetime::temporary));
        EXPECT_EQ(
            one("SELECT temporary FROM pg_replication_slots WHERE slot_name = '" + slot + "'"),
            "t");
    }
    while (one("SELECT 1 FROM pg_replication_slots WHERE slot_name = '" + slot + "'")) {
    }
}

TEST_F(ReplicationTest, OddNamesAreRefused) {
    auto session = open();
    for (const std::string_view name : {"", "Upper", "it's", "a\" TEMPORARY", "a b"}) {
        EXPECT_EQ(session.create_slot(name, SlotLifetime::temporary).error().sqlstate, "42602");
        EXPECT_EQ(session.drop_slot(name).error().sqlstate, "42602");
        EXPECT_EQ(session.start(name, {}, kOptions).error().sqlstate, "42602");
        EXPECT_EQ(session.start("a", {}, std::array{PluginOption{name, "1"}}).error().sqlstate,
                  "42602");
    }
    EXPECT_TRUE(session.identify());
}

// Goal: an open transaction does not make the creation of a slot wait without limit, and a creation
// that gave up leaves no slot.
TEST_F(ReplicationTest, SlotWaitsForOpenTransactionsWithinTheLockTimeout) {
    run("BEGIN");
    run("INSERT INTO t VALUES ('open')");
    SessionSettings settings;
    settings.lock_timeout = 50ms;
    auto session = open({}, settings);
    const std::string slot = new_slot_name();
    const auto created = session.create_slot(slot, SlotLifetime::permanent);
    ASSERT_FALSE(created);
    EXPECT_EQ(created.error().sqlstate, "55P03");
    EXPECT_EQ(created.error().kind, ErrorKind::retryable);
    run("COMMIT");
    EXPECT_TRUE(session.create_slot(slot, SlotLifetime::temporary));
}

TEST_F(ReplicationTest, FailureOfDecodingLeavesTheSession) {
    session_.emplace(open());
    const std::string slot = new_slot_name();
    ASSERT_TRUE(session_->create_slot(slot, SlotLifetime::temporary));
    constexpr std::array<PluginOption, 2> kUnknown{
        {{.name = "proto_version", .value = "1"}, {.name = "publication_names", .value = "no'ne"}}};
    ASSERT_TRUE(session_->start(slot, {}, kUnknown));
    run("INSERT INTO t VALUES ('x')");
    auto message = session_->receive(10s);
    while (message && *message) message = session_->receive(10s);
    ASSERT_FALSE(message);
    EXPECT_EQ(message.error().sqlstate, "42704");
    EXPECT_EQ(message.error().kind, ErrorKind::other);
    EXPECT_FALSE(session_->streaming());
    EXPECT_EQ(session_->receive(0ms).error().kind, ErrorKind::other);
    EXPECT_TRUE(session_->identify());
}

// Goal: the end does not wait for a transaction larger than what the socket holds.
TEST_F(ReplicationTest, StopIsBounded) {
    ReplicationSession& session = stream();
    run("INSERT INTO t SELECT repeat('x', 1000) FROM generate_series(1, 20000)");
    auto message = session.receive(10s);
    while (message && *message && std::holds_alternative<Keepalive>(**message)) {
        message = session.receive(10s);
    }
    ASSERT_TRUE(message && *message);
    const auto stopped = session.stop(0ms);
    ASSERT_FALSE(stopped);
    EXPECT_EQ(stopped.error().kind, ErrorKind::connection);
    EXPECT_FALSE(session.usable());
}

TEST_F(ReplicationTest, RoleNeedsTheRight) {
    const auto refused = ReplicationSession::open(conninfo_, {});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::connection);
}

}  // namespace
}  // namespace atlas::pg
