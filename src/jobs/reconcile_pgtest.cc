// SPDX-License-Identifier: Apache-2.0
#include "jobs/reconcile.h"

#include <gtest/gtest.h>

#include "pg/connection.h"
#include "testing/test_cluster.h"

namespace atlas::jobs {
namespace {

class ReconcileTest : public ::testing::Test {
protected:
    void SetUp() override {
        run("INSERT INTO attributes (attribute_id, attribute_name, data_type, is_hot) VALUES"
            " (10, 'status', 'string', true), (11, 'pressure', 'decimal', false),"
            " (12, 'level', 'integer', true)");
        run("INSERT INTO entities (entity_id, tenant_id, external_id)"
            " SELECT n, 2, 'pump-' || n FROM generate_series(1, 30) n");
        run("INSERT INTO entity_values_ingest"
            " (entity_id, tenant_id, attribute_id, value, value_int, ingested_at)"
            " SELECT n, 2, a, CASE a WHEN 10 THEN 'state ' || i END, CASE a WHEN 12 THEN i END,"
            " now() - make_interval(mins => 10 - i)"
            " FROM generate_series(1, 30) n, generate_series(1, 5) i, unnest(ARRAY[10, 12]) a");
        EXPECT_EQ(one("SELECT stage_flush(100000)"), "300");
    }

    void run(const std::string& sql) {
        const auto done = connection_.exec(sql);
        ASSERT_TRUE(done) << done.error().message;
    }
    std::string one(const std::string& sql) {
        const auto rows = connection_.exec(sql);
        if (!rows) return rows.error().message;
        return rows->empty() ? "" : std::string(rows->text(0, 0));
    }
    void reconcile() {
        const auto done = reconciler_.run(connection_);
        ASSERT_TRUE(done) << done.error().message;
    }

    const std::string conninfo_ = test::TestCluster::shared().make_database();
    pg::Connection connection_ = pg::Connection::open(conninfo_, {}).value();
    observe::Registry registry_;
    Reconciler reconciler_{1000, registry_};
    observe::Registry registry_other_;
};

TEST_F(ReconcileTest, AgreementIsLeftAlone) {
    const std::string before =
        one("SELECT md5(string_agg(j::text, '' ORDER BY entity_id))"
            " FROM entity_jsonb j");
    reconcile();
    EXPECT_EQ(reconciler_.checked(), 30);
    EXPECT_EQ(reconciler_.repaired(), 0);
    EXPECT_EQ(one("SELECT md5(string_agg(j::text, '' ORDER BY entity_id)) FROM entity_jsonb j"),
              before);
}

// Goal: a wrong value, a missing one and one too many become what history says; the gateways learn
// that another process wrote.
TEST_F(ReconcileTest, DivergenceIsRepaired) {
    run("UPDATE entity_jsonb SET hot_attrs = hot_attrs || '{\"status\": \"wrong\"}'"
        " WHERE entity_id = 3");
    run("UPDATE entity_jsonb SET hot_attrs = hot_attrs - 'level' WHERE entity_id = 4");
    run("UPDATE entity_jsonb SET hot_attrs = '{}', hot_at = '{}' WHERE entity_id = 5");
    run("UPDATE shards SET writer = 77");
    reconcile();
    EXPECT_EQ(reconciler_.repaired(), 4);
    EXPECT_EQ(one("SELECT count(*) FROM entity_jsonb"
                  " WHERE hot_attrs = '{\"status\": \"state 5\", \"level\": 5}'"),
              "30");
    EXPECT_EQ(one("SELECT count(*) FROM shards WHERE writer = 0"), "3");
    reconcile();
    EXPECT_EQ(reconciler_.repaired(), 4);
}

TEST_F(ReconcileTest, ValueWhoseHistoryIsGoneStays) {
    run("DELETE FROM observations");
    run("UPDATE entity_jsonb SET hot_attrs = hot_attrs || '{\"status\": \"carried over\"}'");
    reconcile();
    EXPECT_EQ(reconciler_.repaired(), 0);
    EXPECT_EQ(
        one("SELECT count(*) FROM entity_jsonb WHERE hot_attrs ->> 'status' = 'carried over'"),
        "30");
}

TEST_F(ReconcileTest, WindowsGoRoundOverAllEntities) {
    Reconciler small(12, registry_other_);
    run("UPDATE entity_jsonb SET hot_attrs = '{\"status\": \"wrong\", \"level\": 5}'");
    for (const int repaired : {12, 24, 30}) {
        const auto done = small.run(connection_);
        ASSERT_TRUE(done) << done.error().message;
        EXPECT_EQ(small.repaired(), repaired);
    }
    ASSERT_TRUE(small.run(connection_));
    EXPECT_EQ(small.checked(), 42);
}

// Goal: a statement that takes too long ends, and the next run asks for half as much until it fits.
// Method: a check that never ends for more than eight entities at once.
TEST_F(ReconcileTest, StatementsAreBounded) {
    run("ALTER FUNCTION atlas_check_hot_state(bigint, bigint, integer) RENAME TO real_check");
    run("CREATE FUNCTION atlas_check_hot_state(t bigint, e bigint, batch integer)"
        " RETURNS TABLE (tenant_id bigint, entity_id bigint, diverged boolean) LANGUAGE sql"
        " BEGIN ATOMIC SELECT pg_sleep(CASE WHEN batch > 8 THEN 3600 ELSE 0 END);"
        " SELECT * FROM real_check(t, e, batch); END");
    run("UPDATE entity_jsonb SET hot_attrs = '{\"status\": \"wrong\", \"level\": 5}'");
    Reconciler bounded(1000, registry_other_,
                       {.batch = 32, .statement_timeout = std::chrono::milliseconds{200}});
    const auto first = bounded.run(connection_);
    ASSERT_FALSE(first);
    EXPECT_EQ(first.error().sqlstate, "57014") << first.error().message;
    EXPECT_EQ(bounded.checked(), 0);
    int failures = 1;
    while (!bounded.run(connection_)) ASSERT_LT(++failures, 100);
    EXPECT_GE(failures, 2);
    EXPECT_EQ(bounded.checked(), 30);
    EXPECT_EQ(bounded.repaired(), 30);
}

// Goal: while another session reconciles, a run does nothing and fails when its patience ends.
TEST_F(ReconcileTest, OneSessionAtATime) {
    auto other = pg::Connection::open(conninfo_, {}).value();
    ASSERT_TRUE(other.exec("SELECT pg_advisory_lock(1635019891, 1011)"));
    run("SET lock_timeout = '50ms'");
    const auto done = reconciler_.run(connection_);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().sqlstate, "55P03") << done.error().message;
    EXPECT_EQ(reconciler_.checked(), 0);
    ASSERT_TRUE(other.exec("SELECT pg_advisory_unlock(1635019891, 1011)"));
    reconcile();
    EXPECT_EQ(reconciler_.checked(), 30);
    EXPECT_EQ(one("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"), "0");
}

}  // namespace
}  // namespace atlas::jobs
