// SPDX-License-Identifier: Apache-2.0
//
// Goal: the reader of a durable role that is killed is replaced within 5 s, and one that is stopped
// by a signal, and comes back, reads nothing any more.
// Method: the owner is a process of its own.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "stream/test_stream.h"

namespace atlas::stream {
namespace {

using namespace std::chrono_literals;
using test::eventually;
using State = Holding::State;

class SlotProcessesTest : public StreamTest {
protected:
    void SetUp() override { run("SELECT atlas_ensure_partitions(ARRAY[current_date])"); }
    void TearDown() override {
        end_child(SIGKILL);
        StreamTest::TearDown();
    }

    std::string conninfo() const { return test::TestCluster::shared().as_superuser(conninfo_); }
    LeaseOptions lease_of(const std::string& address) const {
        return {.conninfo = conninfo(), .role = "test", .address = address, .durable = true};
    }
    // What such a process runs, until it is killed.
    [[noreturn]] void follow(const std::string& address) {
        observe::set_log_level(observe::Level::off);
        observe::Registry registry;
        SlotLease lease(lease_of(address), registry, clock_);
        ReaderOptions options;
        options.conninfo = conninfo();
        StreamReader reader(options, {&second_}, lease, primary_, registry, clock_);
        lease.start();
        reader.start();
        for (;;) ::pause();
    }
    void begin_child() {
        child_ = ::fork();
        ASSERT_GE(child_, 0);
        if (child_ == 0) follow("child");
    }
    void end_child(int signal) {
        if (child_ <= 0) return;
        ::kill(child_, signal);
        ::waitpid(child_, nullptr, 0);
        child_ = -1;
    }
    std::string slot_user() {
        return one(
            "SELECT coalesce((SELECT address FROM stream_slots JOIN pg_replication_slots"
            " USING (slot_name) WHERE active), 'nobody')");
    }

    pid_t child_ = -1;
};

TEST_F(SlotProcessesTest, AKilledAndAStoppedReaderAreReplaced) {
    begin_child();
    ASSERT_TRUE(eventually([&] { return slot_user() == "child"; }));
    observe::Registry registry;
    SlotLease lease(lease_of("parent"), registry, clock_);
    ReaderOptions options;
    options.conninfo = conninfo();
    StreamReader reader(options, followers_, lease, primary_, registry, clock_);
    lease.start();
    reader.start();
    ASSERT_TRUE(eventually([&] { return reader.status().state == ReaderState::standby; }));

    const auto killed = std::chrono::steady_clock::now();
    end_child(SIGKILL);
    ASSERT_TRUE(eventually([&] { return reader.status().state == ReaderState::streaming; }));
    EXPECT_LT(std::chrono::steady_clock::now() - killed, 5s);
    observe(1);
    ASSERT_TRUE(await_rows(1));

    // The other way round: ours ends, the child has it and is stopped.
    reader.stop();
    lease.stop();
    begin_child();
    ASSERT_TRUE(eventually([&] { return slot_user() == "child"; }));
    ASSERT_EQ(::kill(child_, SIGSTOP), 0);
    observe::Registry second_registry;
    SlotLease second_lease(lease_of("second"), second_registry, clock_);
    // It has no data yet: the slot has moved on, with the child's.
    StreamReader second_reader(options, {&second_}, second_lease, primary_, second_registry,
                               clock_);
    second_lease.start();
    second_reader.start();
    ASSERT_TRUE(eventually([&] { return second_reader.status().state == ReaderState::standby; }));
    // As if kStalled had passed.
    one("UPDATE stream_slots SET last_seen = now() - interval '16 s'");
    ASSERT_TRUE(eventually([&] { return second_reader.status().state == ReaderState::streaming; }));
    ASSERT_EQ(::kill(child_, SIGCONT), 0);
    // It has opened a session again, and looked.
    ASSERT_TRUE(eventually([&] {
        return one("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'atlas slot'"
                   " AND datname = current_database()") == "2";
    }));
    observe(2);
    ASSERT_TRUE(eventually([&] { return !second_.rows().empty(); }));
    EXPECT_EQ(slot_user(), "second");
    EXPECT_EQ(second_lease.holding().state, State::held);
    second_reader.stop();
    second_lease.stop();
    EXPECT_EQ(second_.values("entity_id"), std::vector<std::string>{"2"});
}

}  // namespace
}  // namespace atlas::stream
