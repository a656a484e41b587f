// SPDX-License-Identifier: Apache-2.0
//
// Goal: whatever keeps a server or role from streaming is named, with what changes it; and once
// that was done, it is no longer named.
#include "catalog/stream_check.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "testing/test_cluster.h"

namespace atlas::catalog {
namespace {

using test::TestCluster;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class StreamCheck : public ::testing::Test {
protected:
    static pg::Connection open(const std::string& conninfo) {
        return pg::Connection::open(conninfo, {}).value();
    }
    std::vector<std::string> obstacles(const std::string& slot = "atlas_check") {
        auto found = stream_obstacles(role_, slot);
        if (found) return *found;
        return {pg::describe(found.error())};
    }
    void run(const std::string& sql) {
        const auto done = admin_.exec_script(sql);
        ASSERT_TRUE(done) << done.error().message;
    }
    // What the advice says, as an operator would run it.
    void follow(const std::string& advice) { run(advice.substr(advice.find(": ") + 2)); }

    const std::string conninfo_ = TestCluster::shared().make_database();
    pg::Connection admin_ = open(TestCluster::shared().as_superuser(conninfo_));
    pg::Connection role_ = open(TestCluster::shared().as_replication(conninfo_));
};

TEST_F(StreamCheck, NothingIsInTheWay) {
    EXPECT_THAT(obstacles(), IsEmpty());
}

TEST_F(StreamCheck, ARoleWithoutTheRight) {
    run("CREATE ROLE stream_check_plain LOGIN");
    role_ = open(TestCluster::shared().as_role(conninfo_, "stream_check_plain"));
    const auto found = obstacles();
    ASSERT_THAT(found, ElementsAre(HasSubstr("ALTER ROLE stream_check_plain REPLICATION;")));
    follow(found.front());
    EXPECT_THAT(obstacles(), IsEmpty());
    run("DROP ROLE stream_check_plain");
}

TEST_F(StreamCheck, ThePublication) {
    run("ALTER PUBLICATION eav_cdc SET (publish = 'insert', publish_via_partition_root = false)");
    run("ALTER PUBLICATION eav_cdc DROP TABLE shapes, observations");
    for (const char* expected :
         {"leaves changes out", "lacks table observations", "lacks table shapes"}) {
        const auto found = obstacles();
        ASSERT_FALSE(found.empty());
        EXPECT_THAT(found.front(), HasSubstr(expected));
        follow(found.front());
    }
    EXPECT_THAT(obstacles(), IsEmpty());
}

TEST_F(StreamCheck, AMissingPublication) {
    run("DROP PUBLICATION eav_cdc");
    EXPECT_THAT(obstacles(), ElementsAre(HasSubstr("publication eav_cdc does not exist")));
}

// Goal: PostgreSQL 18 refuses every update of a published table with a generated column and full
// identity (42P10); the advice makes it possible again. Earlier servers take it.
TEST_F(StreamCheck, AGeneratedColumnAndFullIdentity) {
    const auto version = admin_.exec("SELECT current_setting('server_version_num')::bigint");
    run("ALTER TABLE tenants ADD COLUMN doubled bigint GENERATED ALWAYS AS (tenant_id * 2) STORED;"
        "ALTER TABLE tenants REPLICA IDENTITY FULL");
    const auto update = [&] { return admin_.exec("UPDATE tenants SET tenant_name = tenant_name"); };
    if (version->int8(0, 0) < 180'000) {
        EXPECT_THAT(obstacles(), IsEmpty());
        EXPECT_TRUE(update());
        return;
    }
    const auto found = obstacles();
    ASSERT_THAT(found, ElementsAre(HasSubstr("tenants has a generated column")));
    EXPECT_EQ(update().error().sqlstate, "42P10");
    follow(found.front());
    EXPECT_TRUE(update());
    EXPECT_THAT(obstacles(), IsEmpty());
}

// Goal: a server whose slots are all in use has none for us, unless we have one.
TEST_F(StreamCheck, SlotsThatAreUsedUp) {
    run("DO $$ BEGIN FOR n IN 1..current_setting('max_replication_slots')::integer LOOP"
        " PERFORM pg_create_physical_replication_slot('stream_check_' || n); END LOOP; END $$");
    EXPECT_THAT(obstacles(), ElementsAre(HasSubstr("replication slots are in use")));
    EXPECT_THAT(obstacles("stream_check_1"), IsEmpty());
    run("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots"
        " WHERE starts_with(slot_name, 'stream_check_')");
    EXPECT_THAT(obstacles(), IsEmpty());
}

// Goal: a server that does not write what decoding needs; Amazon's has a parameter of its own.
TEST_F(StreamCheck, AServerThatDoesNotLogEnough) {
    TestCluster& cluster = TestCluster::shared();
    const auto restart = [&] {
        cluster.stop();
        cluster.start();
        role_ = open(cluster.as_replication(conninfo_));
        admin_ = open(cluster.as_superuser(conninfo_));
    };
    run("ALTER SYSTEM SET wal_level = 'replica'");
    restart();
    const auto found = obstacles();
    EXPECT_THAT(found, ElementsAre(HasSubstr("ALTER SYSTEM SET wal_level = 'logical'")));
    ASSERT_TRUE(role_.exec("SET rds.logical_replication = '0'"));
    EXPECT_THAT(obstacles(), ElementsAre(HasSubstr("set rds.logical_replication = 1")));
    run("ALTER SYSTEM SET wal_level = 'logical'");
    restart();
    EXPECT_THAT(obstacles(), IsEmpty());
}

}  // namespace
}  // namespace atlas::catalog
