// SPDX-License-Identifier: Apache-2.0
#include "catalog/server_check.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "testing/eventually.h"
#include "testing/test_cluster.h"

namespace atlas::catalog {
namespace {

using test::TestCluster;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class ServerCheck : public ::testing::Test {
protected:
    const std::string conninfo_ = TestCluster::shared().make_database();
    pg::Connection connection_ = pg::Connection::open(conninfo_, {}).value();
};

// Goal: what is off is named, wherever it was switched off. The test server has no fsync.
TEST_F(ServerCheck, NamesWhatWeakensAcknowledgement) {
    EXPECT_THAT(weak_settings(connection_).value(),
                ElementsAre(StartsWith("fsync = off"), StartsWith("full_page_writes = off")));
    ASSERT_TRUE(connection_.exec("SET synchronous_commit = off"));
    EXPECT_THAT(weak_settings(connection_).value(),
                ElementsAre(HasSubstr("set fsync = on"), HasSubstr("set full_page_writes = on"),
                            HasSubstr("set synchronous_commit = on")));
}

// Goal: a standby that commits wait for and that is not there is named, as the gateway's role sees
// it too, and no session is warned that does not wait.
TEST_F(ServerCheck, NamesTheStandbyThatWritesWaitFor) {
    auto superuser =
        pg::Connection::open(TestCluster::shared().as_superuser(conninfo_), {}).value();
    const auto warns = [this] {
        const auto warnings = weak_settings(connection_).value();
        return std::ranges::any_of(warnings, [](const std::string& warning) {
            return warning.starts_with("synchronous_standby_names is set");
        });
    };
    ASSERT_TRUE(
        connection_.exec_script("GRANT atlas_gateway TO CURRENT_USER; SET ROLE atlas_gateway"));
    EXPECT_FALSE(warns());
    ASSERT_TRUE(superuser.exec("ALTER SYSTEM SET synchronous_standby_names = 'nobody'"));
    ASSERT_TRUE(superuser.exec("SELECT pg_reload_conf()"));
    const bool warned = test::eventually(warns);
    const auto local = connection_.exec("SET synchronous_commit = local");
    const bool waits = warns();
    ASSERT_TRUE(superuser.exec("ALTER SYSTEM RESET synchronous_standby_names"));
    ASSERT_TRUE(superuser.exec("SELECT pg_reload_conf()"));
    EXPECT_TRUE(warned);
    EXPECT_TRUE(local);
    EXPECT_FALSE(waits);
    ASSERT_TRUE(connection_.exec("RESET synchronous_commit"));
    EXPECT_TRUE(test::eventually([&] { return !warns(); }));
}

// Goal: a database whose objects an older program applied still has its state.
TEST_F(ServerCheck, WithoutTheFunctionThereAreNoSlots) {
    ASSERT_TRUE(connection_.exec("DROP FUNCTION atlas_foreign_slots()"));
    const auto state = server_state(connection_).value();
    EXPECT_GT(state.position, Lsn{});
    EXPECT_EQ(state.warnings.size(), 2U);
    EXPECT_TRUE(state.slots.empty());
    EXPECT_FALSE(connection_.in_transaction());
}

// Goal: the role of a gateway sees the slots of others with the log that they hold back, and not
// those that Atlas made.
TEST_F(ServerCheck, ListsTheSlotsOfOthers) {
    auto maker =
        pg::Connection::open(TestCluster::shared().as_role(conninfo_, "atlas_replication"), {})
            .value();
    for (const char* name : {"server_check", "atlas_server_check"}) {
        const auto made =
            maker.exec(fmt::format("SELECT pg_create_physical_replication_slot('{}', true)", name));
        ASSERT_TRUE(made) << pg::describe(made.error());
    }
    ASSERT_TRUE(
        connection_.exec_script("GRANT atlas_gateway TO CURRENT_USER; SET ROLE atlas_gateway"));
    const auto state = server_state(connection_).value();
    const auto& all = state.slots;
    const auto own = connection_.exec("SELECT slot_name, ok, active FROM atlas_own_slots()");
    ASSERT_TRUE(own) << pg::describe(own.error());
    const auto health = connection_.exec(
        "SELECT c ->> 'ok', c -> 'slots' -> 0 ->> 'slot_name'"
        " FROM json_array_elements(health_check() -> 'checks') c WHERE c ->> 'name' = 'own_slots'");
    ASSERT_TRUE(health) << pg::describe(health.error());
    EXPECT_EQ(state.warnings, weak_settings(connection_).value());
    EXPECT_GT(state.position, Lsn{});
    for (const char* name : {"server_check", "atlas_server_check"}) {
        EXPECT_TRUE(maker.exec(fmt::format("SELECT pg_drop_replication_slot('{}')", name)));
    }
    ASSERT_EQ(own->size(), 1);
    EXPECT_EQ(own->text(0, 0), "atlas_server_check");
    EXPECT_TRUE(own->boolean(0, 1));
    EXPECT_FALSE(own->boolean(0, 2));
    EXPECT_EQ(health->text(0, 0), "true");
    EXPECT_EQ(health->text(0, 1), "atlas_server_check");
    EXPECT_EQ(std::ranges::find(all, "atlas_server_check", &ForeignSlot::name), all.end());
    const auto slot = std::ranges::find(all, "server_check", &ForeignSlot::name);
    ASSERT_NE(slot, all.end());
    EXPECT_EQ(slot->type, "physical");
    EXPECT_EQ(slot->plugin, "");
    EXPECT_FALSE(slot->active);
    EXPECT_EQ(slot->wal_status, "reserved");
    EXPECT_GE(slot->retained_bytes, 0);
}

}  // namespace
}  // namespace atlas::catalog
