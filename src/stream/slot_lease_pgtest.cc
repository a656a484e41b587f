// SPDX-License-Identifier: Apache-2.0
//
// Goal: one reader per database for a durable role, whatever happens to the one that has it; a slot
// per process for any other, and none left behind.
// Method: leases on clocks of their own; processes that end are sessions that the server ends, and
// those that are stopped are leases whose clock does not move.
#include "stream/slot_lease.h"

#include <regex>

#include "stream/stale_slots.h"
#include "stream/test_stream.h"
#include "testing/manual_clock.h"

namespace atlas::stream {
namespace {

using namespace std::chrono_literals;
using test::eventually;
using ::testing::HasSubstr;

// A process of its own.
struct Process {
    Process(std::string conninfo, bool durable, std::string address)
        : lease({.conninfo = std::move(conninfo),
                 .role = "test",
                 .address = std::move(address),
                 .durable = durable},
                registry, clock) {
        lease.start();
    }
    Holding::State state() const { return lease.holding().state; }
    // As time passes for it, until it is in that state.
    [[nodiscard]] bool comes_to(Holding::State wanted) {
        const bool came = eventually([&] {
            if (state() == wanted) return true;
            clock.advance(SlotLease::kLook);
            return false;
        });
        EXPECT_TRUE(came) << lease.holding().detail;
        return came;
    }

    observe::Registry registry;
    test::ManualClock clock;
    SlotLease lease;
};

class SlotLeaseTest : public StreamTest {
protected:
    std::unique_ptr<Process> process(bool durable, const std::string& address) {
        return std::make_unique<Process>(test::TestCluster::shared().as_superuser(conninfo_),
                                         durable, address);
    }
    std::string slots() {
        return one(
            "SELECT coalesce(string_agg(slot_name, ' ' ORDER BY slot_name), '')"
            " FROM pg_replication_slots WHERE database = current_database()");
    }
    std::string entries() {
        return one(
            "SELECT coalesce(string_agg(slot_name, ' ' ORDER BY slot_name), '')"
            " FROM stream_slots");
    }
    void make_slot(const std::string& name) {
        EXPECT_EQ(
            one("SELECT 1 FROM pg_create_logical_replication_slot('" + name + "', 'pgoutput')"),
            "1");
    }
    void run_job(std::chrono::milliseconds lease) {
        const auto done = StaleSlots(lease).run(admin_);
        ASSERT_TRUE(done) << pg::describe(done.error());
    }
    void make_old(const std::string& seconds) {
        one("UPDATE stream_slots SET last_seen = now() - make_interval(secs => " + seconds + ")");
    }
};

using State = Holding::State;

TEST_F(SlotLeaseTest, ADurableRoleHasOneProcess) {
    auto first = process(true, "a");
    ASSERT_TRUE(first->comes_to(State::held));
    auto second = process(true, "b");
    ASSERT_TRUE(second->comes_to(State::standby));
    EXPECT_EQ(first->lease.holding().slot, second->lease.holding().slot);
    EXPECT_THAT(second->lease.holding().detail, HasSubstr("another process"));
    EXPECT_EQ(one("SELECT address || ' ' || durable FROM stream_slots"), "a true");
    // Killed: the server ends its session.
    make_slot(first->lease.holding().slot);
    first.reset();
    ASSERT_TRUE(second->comes_to(State::held));
    EXPECT_EQ(slots(), second->lease.holding().slot);
    EXPECT_EQ(one("SELECT address FROM stream_slots"), "b");
}

TEST_F(SlotLeaseTest, TheOwnerOfADurableRoleIsFoundWhileItLives) {
    const auto found = [&] {
        auto address = find_role(admin_, "test");
        return address ? address->value_or("none") : pg::describe(address.error());
    };
    EXPECT_EQ(found(), "none");
    auto first = process(true, "host:1");
    auto second = process(true, "host:2");
    ASSERT_TRUE(first->comes_to(State::held));
    ASSERT_TRUE(second->comes_to(State::standby));
    EXPECT_EQ(found(), "none") << "it is not reached over HTTP";
    first->lease.move_to("http://first:1");
    second->lease.move_to("http://second:2");
    const auto comes_to = [&](Process& process, const std::string& wanted) {
        return eventually([&] {
            process.clock.advance(SlotLease::kLook);
            return found() == wanted;
        });
    };
    EXPECT_TRUE(comes_to(*first, "http://first:1")) << found();
    first.reset();
    EXPECT_EQ(found(), "none") << "it has ended in order";
    EXPECT_TRUE(comes_to(*second, "http://second:2")) << found();
    make_old("16");
    EXPECT_EQ(found(), "none") << "it has been silent";
}

// Goal: a process that is stopped holds its lock and its slot as long as its sessions live; another
// one ends them when it has said nothing for a while, and the first one finds that it has lost.
TEST_F(SlotLeaseTest, AStoppedOwnerIsReplaced) {
    auto first = process(true, "a");
    ASSERT_TRUE(first->comes_to(State::held));
    auto second = process(true, "b");
    ASSERT_TRUE(second->comes_to(State::standby));
    second->clock.advance(10s);
    ASSERT_TRUE(second->comes_to(State::standby));
    make_old("16");
    ASSERT_TRUE(second->comes_to(State::held));
    ASSERT_TRUE(first->comes_to(State::standby));
    EXPECT_EQ(second->state(), State::held);
}

// Goal: a lost session is noticed, and the role is taken again.
TEST_F(SlotLeaseTest, AnOwnerSurvivesTheEndOfItsSession) {
    auto owner = process(true, "a");
    ASSERT_TRUE(owner->comes_to(State::held));
    one("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE application_name = 'atlas slot' AND datname = current_database()");
    ASSERT_TRUE(owner->comes_to(State::unreachable));
    ASSERT_TRUE(owner->comes_to(State::held));
}

TEST_F(SlotLeaseTest, OtherRolesHaveASlotPerProcess) {
    auto first = process(false, "a");
    auto second = process(false, "b");
    ASSERT_TRUE(first->comes_to(State::held));
    ASSERT_TRUE(second->comes_to(State::held));
    const std::string name = first->lease.holding().slot;
    EXPECT_TRUE(std::regex_match(name, std::regex("atlas_test_[0-9]+_[0-9a-f]{16}"))) << name;
    EXPECT_NE(name, second->lease.holding().slot);
    make_slot(name);
    ASSERT_TRUE(eventually([&] {
        first->clock.advance(SlotLease::kLook);
        return first->lease.measured().has_value();
    }));
    first.reset();
    EXPECT_EQ(slots(), "");
    EXPECT_EQ(entries(), second->lease.holding().slot);
}

// Goal: twenty processes that start at one address and are killed leave the last one's slot.
TEST_F(SlotLeaseTest, KilledProcessesLeaveNoSlotBehind) {
    for (int i = 0; i < 20; ++i) {
        const std::string name = fmt::format("atlas_test_1_{:016x}", i);
        one("INSERT INTO stream_slots VALUES ('" + name + "', 'gone', 'a', false)");
        if (i % 4 == 0) make_slot(name);
    }
    auto last = process(false, "a");
    ASSERT_TRUE(last->comes_to(State::held));
    EXPECT_EQ(slots(), "");
    EXPECT_EQ(entries(), last->lease.holding().slot);
}

// Goal: the leader drops what nobody reads once its lease is over, entered or not, and never the
// slot of a durable role.
TEST_F(SlotLeaseTest, TheLeaderDropsSlotsOfOwnersThatAreGone) {
    make_slot("atlas_gateway_1_00000000000000aa");
    make_slot("atlas_analytics_1");
    run_job(10min);
    EXPECT_EQ(entries(), "atlas_analytics_1 atlas_gateway_1_00000000000000aa");
    make_old("599");
    run_job(10min);
    EXPECT_EQ(slots(), "atlas_analytics_1 atlas_gateway_1_00000000000000aa");
    make_old("601");
    run_job(10min);
    EXPECT_EQ(slots(), "atlas_analytics_1");
    EXPECT_EQ(entries(), "atlas_analytics_1");
    one("SELECT pg_drop_replication_slot('atlas_analytics_1')");
    make_old("601");
    run_job(10min);
    EXPECT_EQ(entries(), "");
}

// Goal: an owner that was stopped past its lease loses its slot even while its session is open, and
// starts over when it comes back.
TEST_F(SlotLeaseTest, AStoppedReaderLosesItsSlotAndStartsOver) {
    auto owner = process(false, "a");
    ASSERT_TRUE(owner->comes_to(State::held));
    registry_ = std::make_unique<observe::Registry>();
    auto reader_options = options();
    reader_options.conninfo = test::TestCluster::shared().as_superuser(conninfo_);
    reader_options.starts_over = true;
    reader_.emplace(reader_options, followers_, owner->lease, primary_, *registry_, clock_);
    reader_->start();
    ASSERT_TRUE(await_state(ReaderState::streaming));
    make_old("700");
    ASSERT_TRUE(eventually([&] {
        run_job(10min);
        return follower_.started_over() == 1;
    }));
    ASSERT_TRUE(await_state(ReaderState::streaming));
    run("SELECT atlas_ensure_partitions(ARRAY[current_date])");
    observe(1);
    ASSERT_TRUE(await_rows(1));
    stop();
}

// Goal: a reader on standby follows once the other process is gone, from where its data ends, and
// what the other one was handed does not count.
TEST_F(SlotLeaseTest, AStandbyTakesOver) {
    run("SELECT atlas_ensure_partitions(ARRAY[current_date])");
    const auto options_of = [&] {
        auto all = options();
        all.conninfo = test::TestCluster::shared().as_superuser(conninfo_);
        return all;
    };
    auto first = process(true, "a");
    ASSERT_TRUE(first->comes_to(State::held));
    observe::Registry first_registry;
    StreamReader first_reader(options_of(), {&follower_}, first->lease, primary_, first_registry,
                              clock_);
    first_reader.start();
    ASSERT_TRUE(eventually([&] { return first_reader.status().state == ReaderState::streaming; }));
    auto second = process(true, "b");
    ASSERT_TRUE(second->comes_to(State::standby));
    observe::Registry second_registry;
    StreamReader second_reader(options_of(), {&second_}, second->lease, primary_, second_registry,
                               clock_);
    second_reader.start();
    ASSERT_TRUE(eventually([&] { return second_reader.status().state == ReaderState::standby; }));
    observe(1);
    ASSERT_TRUE(await_rows(1));
    first_reader.stop();
    first.reset();
    observe(2);
    ASSERT_TRUE(second->comes_to(State::held));
    // It shares the slot, and has no data: it begins where the slot does.
    ASSERT_TRUE(eventually([&] { return !second_.rows().empty(); }));
    EXPECT_EQ(second_.values("entity_id").back(), "2");
    second_reader.stop();
}

}  // namespace
}  // namespace atlas::stream
