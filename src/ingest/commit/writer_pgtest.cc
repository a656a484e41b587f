// SPDX-License-Identifier: Apache-2.0
#include "ingest/commit/writer.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "ingest/test_database.h"
#include "ingest/test_gateway.h"

namespace atlas::ingest {
namespace {

std::string item(std::string_view entity, std::string_view attributes) {
    return fmt::format(R"({{"entity": "{}", "at": 1767225600000, "attributes": {{{}}}}})", entity,
                       attributes);
}

class WriterTest : public ::testing::Test {
protected:
    std::string query(std::string_view sql) { return database_.query(sql); }
    void await(std::string_view sql, std::string_view expected) {
        while (query(sql) != expected) {
        }
    }
    // Locks the shard of an entity in a session of its own, until it commits.
    pg::Connection hold_shard_of(std::string_view entity) {
        auto connection = pg::Connection::open(database_.conninfo(), {}).value();
        EXPECT_TRUE(connection.exec("BEGIN"));
        EXPECT_TRUE(
            connection.exec("SELECT pg_advisory_xact_lock(1635019891, "
                            "(entity_id & 63)::integer) FROM entities "
                            "WHERE external_id = $1",
                            pg::Params{}.add(entity)));
        return connection;
    }

    // Locks all shards: what is registered meanwhile is written after the commit.
    pg::Connection hold_all_shards() {
        auto connection = pg::Connection::open(database_.conninfo(), {}).value();
        EXPECT_TRUE(connection.exec("BEGIN"));
        EXPECT_TRUE(connection.exec("SELECT atlas_lock_all_shards()"));
        return connection;
    }

    TestDatabase database_;
};

// Goal: when the session is lost while stale parts are validated again, all of them are committed
// in the next one. Method: make two parts wait for a shard together, move the catalog, and end the
// session while it waits to read the new one.
TEST_F(WriterTest, ASessionLostWhileSeveralPartsAreValidatedAgainCostsNothing) {
    constexpr std::string_view kWaiting =
        "SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'advisory' "
        "AND classid = 1635019891";
    // Of the writer alone: autovacuum may wait for the table, too.
    constexpr std::string_view kReading =
        "SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE NOT granted AND "
        "relation = 'tenant_attributes'::regclass AND application_name = 'atlas writer'";
    Options options = TestGateway::options_for(database_.conninfo());
    options.writers = 1;
    TestGateway gateway(options);
    gateway.write("[" + item("a", R"("x": 1)") + "," + item("b", R"("x": 1)") + "]");

    auto holds_a = hold_shard_of("a");
    auto holds_b = hold_shard_of("b");
    auto first = gateway.begin_write(item("a", R"("x": 2)"));
    await(kWaiting, "1\n");
    auto second = gateway.begin_write(item("b", R"("x": 3)"));
    auto third = gateway.begin_write(item("b", R"("new": 4)"));
    await("SELECT count(*) FROM attributes WHERE attribute_name = 'new'", "1\n");
    ASSERT_TRUE(holds_a.exec("COMMIT"));
    EXPECT_EQ(first.get().status, WriteStatus::done);
    await(kWaiting, "1\n");
    ASSERT_EQ(query("SELECT atlas_raise_epochs('{2}')"), "\n");
    ASSERT_TRUE(holds_a.exec("BEGIN"));
    ASSERT_TRUE(holds_a.exec("LOCK TABLE tenant_attributes IN ACCESS EXCLUSIVE MODE"));
    ASSERT_TRUE(holds_b.exec("COMMIT"));
    await(kReading, "1\n");
    EXPECT_EQ(query("SELECT pg_terminate_backend(pid) FROM pg_locks JOIN pg_stat_activity "
                    "USING (pid) WHERE NOT granted AND relation = 'tenant_attributes'::regclass "
                    "AND application_name = 'atlas writer'"),
              "t\n");
    ASSERT_TRUE(holds_a.exec("COMMIT"));
    EXPECT_EQ(second.get().status, WriteStatus::done);
    EXPECT_EQ(third.get().status, WriteStatus::done);
    EXPECT_EQ(database_.points(), "a|0|x|2\nb|0|new|4\nb|0|x|3\n");
}

// Goal: an entity that is retired between its registration and its first observation takes none.
TEST_F(WriterTest, AnEntityRetiredBeforeItsFirstObservationIsClosed) {
    TestGateway gateway(TestGateway::options_for(database_.conninfo()));
    auto holds = hold_all_shards();
    auto write = gateway.begin_write("[" + item("a", R"("s": "x")") + "]");
    await("SELECT count(*) FROM entities WHERE external_id = 'a'", "1\n");
    ASSERT_TRUE(holds.exec("UPDATE entities SET is_deleted = true WHERE external_id = 'a'"));
    ASSERT_TRUE(holds.exec("COMMIT"));
    const WriteOutcome outcome = write.get();
    ASSERT_EQ(outcome.errors.size(), 1U);
    EXPECT_EQ(outcome.errors.front().code, ItemCode::entity_deleted);
    EXPECT_EQ(database_.points(), "");
    EXPECT_EQ(query("SELECT is_deleted, hot_attrs FROM entity_jsonb"), "t|{}\n");
}

// Goal: what SQL writes to an entity between its registration and its first observation counts.
TEST_F(WriterTest, AStateThatCameBeforeTheFirstObservationIsRead) {
    TestGateway gateway(TestGateway::options_for(database_.conninfo()));
    gateway.write(item("other", R"("s": "x")"));
    auto holds = hold_all_shards();
    auto write = gateway.begin_write("[" + item("a", R"("s": "gateway")") + "]");
    await("SELECT count(*) FROM entities WHERE external_id = 'a'", "1\n");
    ASSERT_TRUE(holds.exec(
        "INSERT INTO entity_values_ts (tenant_id, entity_id, attribute_id, value, observed_at) "
        "SELECT 2, entity_id, attribute_id, 'later', '2026-01-01 00:00:01Z' "
        "FROM entities, attributes WHERE external_id = 'a' AND attribute_name = 's'"));
    ASSERT_TRUE(holds.exec("COMMIT"));
    EXPECT_EQ(write.get().status, WriteStatus::done);
    EXPECT_EQ(database_.points(), "a|0|s|gateway\na|1|s|later\nother|0|s|x\n");
    EXPECT_EQ(database_.hot(), "a|{\"s\": \"later\"}\nother|{\"s\": \"x\"}\n");
}

}  // namespace
}  // namespace atlas::ingest
