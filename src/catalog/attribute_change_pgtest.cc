// SPDX-License-Identifier: Apache-2.0
#include "catalog/attribute_change.h"

#include <gtest/gtest.h>

#include "pg/connection.h"
#include "testing/test_cluster.h"

namespace atlas::catalog {
namespace {

class AttributeChangeTest : public ::testing::Test {
protected:
    void run(const std::string& sql) {
        const auto done = connection_.exec_script(sql);
        ASSERT_TRUE(done) << done.error().message;
    }

    pg::Connection connection_ =
        pg::Connection::open(test::TestCluster::shared().make_database(), {}).value();
};

// Goal: a history that no statement can count in its time is counted in parts, each value once.
// Method: a count that never ends for more than two hours at once. Values lie at the ends of days
// and of parts, too.
TEST_F(AttributeChangeTest, CountsInPartsThatFitIntoAStatement) {
    run("INSERT INTO attributes (attribute_id, attribute_name, data_type) VALUES (10, 'n', "
        "'string');"
        "INSERT INTO entities (entity_id, tenant_id, external_id) VALUES (1, 2, 'e');"
        "INSERT INTO entity_values_ts (entity_id, tenant_id, attribute_id, value, ingested_at)"
        " SELECT 1, 2, 10, CASE WHEN n % 3 = 0 THEN 'x' ELSE '7' END,"
        "        '2026-11-01 00:00+00'::timestamptz + n * interval '30 seconds'"
        " FROM generate_series(0, 5759) n;"
        "INSERT INTO entity_values_ts (entity_id, tenant_id, attribute_id, value, ingested_at)"
        " VALUES (1, 2, 10, 'x', '2026-11-01 23:59:59.999999+00')");
    run("CREATE SCHEMA real;"
        "ALTER FUNCTION atlas_count_values(bigint, text, text, name, timestamptz, timestamptz)"
        " SET SCHEMA real;"
        "CREATE FUNCTION atlas_count_values(bigint, text, text, name, timestamptz, timestamptz,"
        "    OUT stored bigint, OUT lost bigint) LANGUAGE plpgsql AS $$ BEGIN"
        " PERFORM pg_sleep(3600) WHERE $6 - $5 > interval '2 hours';"
        " SELECT c.* INTO stored, lost"
        " FROM real.atlas_count_values($1, $2, $3, $4, $5, $6) c; END $$;"
        "SET statement_timeout = '500ms'");
    const auto count = count_values(connection_, kDefaultTenant, "n", model::Type::int64);
    ASSERT_TRUE(count) << count.error().message;
    EXPECT_EQ(count->stored, 5761);
    EXPECT_EQ(count->lost, 1921);
}

// Goal: what does not fit however short the part is fails in the end.
TEST_F(AttributeChangeTest, ACountThatNeverEndsFails) {
    run("DROP FUNCTION atlas_count_values(bigint, text, text, name, timestamptz, timestamptz);"
        "CREATE FUNCTION atlas_count_values(bigint, text, text, name, timestamptz, timestamptz,"
        "    OUT stored bigint, OUT lost bigint) LANGUAGE sql AS"
        " 'SELECT 0::bigint, 0::bigint FROM pg_sleep(3600)';"
        "SELECT atlas_ensure_partitions('{2026-11-01}');"
        "SET statement_timeout = '20ms'");
    const auto count = count_values(connection_, kDefaultTenant, "n", std::nullopt);
    ASSERT_FALSE(count);
    EXPECT_EQ(count.error().sqlstate, "57014") << count.error().message;
}

}  // namespace
}  // namespace atlas::catalog
