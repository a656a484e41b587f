// SPDX-License-Identifier: Apache-2.0
#include "schema/migrator.h"

#include <gtest/gtest.h>

#include <future>

#include "pg/connection.h"
#include "testing/test_cluster.h"

namespace atlas::schema {
namespace {

using test::TestCluster;

class MigratorTest : public ::testing::Test {
protected:
    const std::string conninfo_ = TestCluster::shared().make_empty_database();
    pg::Connection connection_ = pg::Connection::open(conninfo_, {}).value();
    Migrator migrator_{connection_};
};

TEST_F(MigratorTest, EmptyDatabaseBecomesCurrentOnce) {
    const auto before = migrator_.status();
    ASSERT_TRUE(before) << before.error().message;
    EXPECT_EQ(before->database_version, 0);
    EXPECT_FALSE(before->current());

    const auto applied = migrator_.up();
    ASSERT_TRUE(applied) << applied.error().message;
    EXPECT_EQ(applied->front(), "0001_tables");
    EXPECT_EQ(applied->back(), "objects");
    EXPECT_TRUE(migrator_.status()->current());
    EXPECT_FALSE(migrator_.status()->migrations.front().applied_at.empty());
    EXPECT_TRUE(migrator_.up()->empty());
}

TEST_F(MigratorTest, ChangedObjectsAreAppliedAgain) {
    ASSERT_TRUE(migrator_.up());
    ASSERT_TRUE(connection_.exec("UPDATE schema_objects SET checksum = 'old'"));
    EXPECT_FALSE(migrator_.status()->current());
    EXPECT_EQ(migrator_.up().value(), std::vector<std::string>{"objects"});
}

TEST_F(MigratorTest, ObjectsOfANewerProgramStay) {
    ASSERT_TRUE(migrator_.up());
    ASSERT_TRUE(
        connection_.exec("UPDATE schema_objects SET checksum = 'new', program = '999.0.0'"));
    EXPECT_TRUE(migrator_.up()->empty());
}

TEST_F(MigratorTest, NewerDatabaseIsRefused) {
    ASSERT_TRUE(migrator_.up());
    ASSERT_TRUE(connection_.exec(
        "INSERT INTO schema_migrations (version, name, checksum) VALUES (9999, '9999_x', '')"));
    EXPECT_TRUE(migrator_.status()->newer_than_program());
    const auto refused = migrator_.up();
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().message.find("newer program"), std::string::npos);
}

TEST_F(MigratorTest, ChangedMigrationIsRefused) {
    ASSERT_TRUE(migrator_.up());
    ASSERT_TRUE(connection_.exec("UPDATE schema_migrations SET checksum = 'other'"));
    EXPECT_NE(migrator_.up().error().message.find("0001_tables was changed"), std::string::npos);
}

TEST_F(MigratorTest, TwoProgramsAtOnceTakeTurns) {
    auto other = std::async(std::launch::async, [this] {
        auto connection = pg::Connection::open(conninfo_, {}).value();
        return Migrator(connection).up();
    });
    const auto mine = migrator_.up();
    const auto theirs = other.get();
    ASSERT_TRUE(mine) << mine.error().message;
    ASSERT_TRUE(theirs) << theirs.error().message;
    EXPECT_NE(mine->empty(), theirs->empty());
}

TEST_F(MigratorTest, TestDatabasesAreCurrent) {
    auto connection = pg::Connection::open(TestCluster::shared().make_database(), {}).value();
    EXPECT_TRUE(Migrator(connection).status()->current());
}

}  // namespace
}  // namespace atlas::schema
