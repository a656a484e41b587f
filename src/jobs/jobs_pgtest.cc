// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <future>

#include "jobs/runner.h"
#include "jobs/standard_jobs.h"
#include "testing/eventually.h"
#include "testing/manual_clock.h"
#include "testing/test_cluster.h"

namespace atlas::jobs {
namespace {

using namespace std::chrono_literals;
using test::TestCluster;

class JobsTest : public ::testing::Test {
protected:
    std::string one(const std::string& sql) {
        const auto rows = connection_.exec(sql);
        if (!rows) return rows.error().message;
        return rows->empty() ? "" : std::string(rows->text(0, 0));
    }

    // What `measure` returns, of one day: it is called again when midnight (UTC) passed meanwhile.
    template <class Measure>
    std::string within_one_day(Measure measure) {
        const std::string today = "SELECT (clock_timestamp() AT TIME ZONE 'UTC')::date";
        for (;;) {
            const std::string began = one(today);
            const std::string measured = measure();
            if (one(today) == began) return measured;
        }
    }

    const std::string conninfo_ = TestCluster::shared().make_database();
    pg::Connection connection_ = pg::Connection::open(conninfo_, {}).value();
    observe::Registry registry_;
    test::ManualClock clock_;
};

TEST_F(JobsTest, PartitionsAreMadeAhead) {
    const Job job = partitions_job(3);
    for (int again = 0; again < 2; ++again) {
        const std::string ahead = within_one_day([&] {
            const auto done = job.run(connection_);
            EXPECT_TRUE(done) << done.error().message;
            return one(
                "SELECT count(*) FROM atlas_partitions()"
                " WHERE first_day >= (now() AT TIME ZONE 'UTC')::date");
        });
        EXPECT_EQ(ahead, "4");
    }
}

TEST_F(JobsTest, HeartbeatBeats) {
    ASSERT_TRUE(heartbeat_job(1s).run(connection_));
    EXPECT_EQ(one("SELECT source FROM replication_heartbeat"), "primary");
}

TEST_F(JobsTest, StagedRowsAreFlushed) {
    ASSERT_TRUE(connection_.exec_script(
        "INSERT INTO attributes (attribute_id, attribute_name, data_type)"
        " VALUES (10, 'pressure', 'decimal');"
        "INSERT INTO entities (entity_id, tenant_id, external_id) VALUES (7, 2, 'pump-7');"
        "INSERT INTO entity_values_ingest (entity_id, tenant_id, attribute_id, value_decimal)"
        " VALUES (7, 2, 10, 4.5), (7, 2, 10, 4.5)"));
    const auto done = stage_flush_job(100ms, 1).run(connection_);
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(one("SELECT count(*) FROM entity_values_ingest"), "0");
    EXPECT_EQ(one("SELECT count(*) FROM entity_values_ts"), "1");
}

// Goal: without an owner's connection the job flushes all the same.
TEST_F(JobsTest, AGatewaysRightsSufficeForTheFlush) {
    const auto prepared = connection_.exec_script(
        "INSERT INTO attributes (attribute_id, attribute_name, data_type)"
        " VALUES (10, 'pressure', 'decimal');"
        "INSERT INTO entities (entity_id, tenant_id, external_id) VALUES (7, 2, 'pump-7');"
        "INSERT INTO entity_values_ingest (entity_id, tenant_id, attribute_id, value_decimal)"
        " VALUES (7, 2, 10, 4.5);"
        "GRANT atlas_gateway TO CURRENT_USER; SET ROLE atlas_gateway");
    ASSERT_TRUE(prepared) << prepared.error().message;
    const auto done = stage_flush_job(100ms, 1).run(connection_);
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(one("SELECT count(*) FROM entity_values_ts"), "1");
    EXPECT_EQ(one("SELECT count(*) FROM entity_values_ingest"), "0");
}

// Goal: a row of state that was lost around the triggers comes back, wherever its entity is among
// more entities than one run looks at.
TEST_F(JobsTest, MissingStatesAreMadeAgain) {
    const auto prepared = connection_.exec_script(
        "INSERT INTO entities (tenant_id, external_id) SELECT 2, 'e' || n"
        " FROM generate_series(1, 10500) n;"
        "ALTER TABLE entity_jsonb DISABLE TRIGGER entity_jsonb_deleted;"
        "DELETE FROM entity_jsonb WHERE entity_id IN (SELECT entity_id FROM entities"
        " WHERE external_id IN ('e7', 'e10400'))");
    ASSERT_TRUE(prepared) << prepared.error().message;
    const Job job = missing_states_job();
    for (const char* left : {"1", "0", "0"}) {
        const auto done = job.run(connection_);
        ASSERT_TRUE(done) << done.error().message;
        EXPECT_EQ(one("SELECT count(*) FROM entities WHERE entity_id NOT IN"
                      " (SELECT entity_id FROM entity_jsonb)"),
                  left);
    }
}

TEST_F(JobsTest, OldPartitionsAreDropped) {
    const std::string left = within_one_day([&] {
        EXPECT_TRUE(connection_.exec(
            "SELECT atlas_ensure_partitions(array_agg((now() AT TIME ZONE 'UTC')::date - d))"
            " FROM generate_series(0, 9) d"));
        const auto done = retention_job(72h).run(connection_);
        EXPECT_TRUE(done) << done.error().message;
        return one("SELECT count(*) FROM atlas_partitions()");
    });
    EXPECT_EQ(left, "4");
}

// Goal: a gateway records what it accepts with its own rights.
TEST_F(JobsTest, ThroughputCountsEachPointOnce) {
    ASSERT_TRUE(
        connection_.exec_script("GRANT atlas_gateway TO CURRENT_USER; SET ROLE atlas_gateway"));
    std::uint64_t accepted = 5;
    const Job job = throughput_job("gateway-1", [&accepted] { return accepted; });
    ASSERT_TRUE(job.run(connection_));
    ASSERT_TRUE(job.run(connection_));
    accepted = 12;
    ASSERT_TRUE(job.run(connection_));
    EXPECT_EQ(one("SELECT sum(data_points) FROM write_throughput"), "12");
}

TEST_F(JobsTest, PendingListsAreCleaned) {
    EXPECT_TRUE(pending_lists_job(1s).run(connection_));
}

// Goal: what a gateway left to do when it was killed between two steps of a change is done.
TEST_F(JobsTest, ChangesOfAttributesAreResumed) {
    ASSERT_TRUE(connection_.exec_script(
        "INSERT INTO attributes (attribute_id, attribute_name, data_type, is_hot)"
        " VALUES (10, 'mode', 'string', true), (11, 'level', 'string', true);"
        "INSERT INTO entities (entity_id, tenant_id, external_id)"
        " SELECT n, 2, 'e' || n FROM generate_series(1, 9) n;"
        "INSERT INTO entity_values_ts (entity_id, tenant_id, attribute_id, value)"
        " SELECT n, 2, a, n::text FROM generate_series(1, 9) n, unnest('{10,11}'::bigint[]) a;"
        "SELECT atlas_rename_attribute(2, 'mode', 'state');"
        "SELECT atlas_retype_attribute(2, 'level', 'int');"
        "SELECT atlas_continue_changes(2, 4)"));
    EXPECT_EQ(one("SELECT count(*) FROM entity_jsonb WHERE hot_attrs ? 'state'"), "4");
    ASSERT_TRUE(
        connection_.exec_script("GRANT atlas_gateway TO CURRENT_USER; SET ROLE atlas_gateway"));
    ASSERT_TRUE(attribute_changes_job().run(connection_));
    EXPECT_EQ(one("SELECT count(*) FROM attribute_changes"), "0");
    EXPECT_EQ(one("SELECT count(*) FROM entity_jsonb WHERE hot_attrs ="
                  " jsonb_build_object('state', entity_id::text, 'level', entity_id)"),
              "9");
}

TEST_F(JobsTest, ClosedDaysAreCountedOnce) {
    ASSERT_TRUE(connection_.exec_script(
        "INSERT INTO attributes (attribute_id, attribute_name, data_type)"
        " VALUES (10, 'pressure', 'decimal');"
        "INSERT INTO entities (entity_id, tenant_id, external_id) VALUES (7, 2, 'pump-7');"
        "INSERT INTO entity_values_ingest"
        " (entity_id, tenant_id, attribute_id, value_decimal, ingested_at)"
        " SELECT 7, 2, 10, n, date_trunc('day', now(), 'UTC') - make_interval(mins => n)"
        " FROM generate_series(1, 5) n;"
        "SELECT stage_flush()"));
    for (int again = 0; again < 2; ++again) {
        const auto done = statistics_job().run(connection_);
        ASSERT_TRUE(done) << done.error().message;
        EXPECT_EQ(one("SELECT distinct_entities || ' ' || total_values"
                      " FROM mv_entity_attribute_stats WHERE attribute_name = 'pressure'"),
                  "1 5");
    }
}

// Goal: of two runners on one database one works; when it stops the other takes over.
TEST_F(JobsTest, OneRunnerLeads) {
    std::promise<void> first_ran;
    std::promise<void> second_ran;
    const auto runs = [](const std::future<void>& ran, test::ManualClock& clock) {
        return test::eventually([&] {
            clock.advance(1s);
            return ran.wait_for(0s) == std::future_status::ready;
        });
    };
    const auto job = [](std::promise<void>& ran) {
        auto once = std::make_shared<std::once_flag>();
        return Job{.name = "probe",
                   .interval = 10ms,
                   .leader_only = true,
                   .run = [&ran, once](pg::Connection&) -> pg::Expected<void> {
                       std::call_once(*once, [&ran] { ran.set_value(); });
                       return {};
                   }};
    };
    observe::Registry other_registry;
    test::ManualClock other_clock;
    Runner first(conninfo_, {job(first_ran)}, registry_, clock_);
    first.start();
    ASSERT_TRUE(runs(first_ran.get_future(), clock_));
    Runner second(conninfo_, {job(second_ran)}, other_registry, other_clock);
    second.start();
    const auto taken_over = second_ran.get_future();
    other_clock.await_waiting(2);
    EXPECT_FALSE(second.leads());
    EXPECT_EQ(taken_over.wait_for(0s), std::future_status::timeout);
    first.stop();
    ASSERT_TRUE(runs(taken_over, other_clock));
    EXPECT_TRUE(second.leads());
}

// Goal: a job runs again when its interval has passed, and a second after it failed.
TEST_F(JobsTest, RunsFollowTheInterval) {
    std::atomic<int> runs{0};
    std::atomic<bool> fails{false};
    Runner runner(conninfo_,
                  {{.name = "hourly",
                    .interval = 1h,
                    .leader_only = false,
                    .run = [&](pg::Connection&) -> pg::Expected<void> {
                        ++runs;
                        if (fails) return failure(pg::Error{});
                        return {};
                    }}},
                  registry_, clock_);
    const auto await_runs = [&](int count) {
        EXPECT_TRUE(test::eventually([&] { return runs >= count; }));
        clock_.await_waiting(1);
        EXPECT_EQ(runs, count);
    };
    runner.start();
    await_runs(1);
    clock_.advance(59min);
    await_runs(1);
    fails = true;
    clock_.advance(1min);
    await_runs(2);
    fails = false;
    clock_.advance(1s);
    await_runs(3);
    runner.stop();
}

// Goal: stop() does not wait for a long statement.
TEST_F(JobsTest, StopCancelsWhatRuns) {
    std::promise<void> began;
    Runner runner(conninfo_,
                  {{.name = "long",
                    .interval = 1h,
                    .leader_only = false,
                    .run = [&began](pg::Connection& connection) -> pg::Expected<void> {
                        began.set_value();
                        if (auto slept = connection.exec("SELECT pg_sleep(300)"); !slept) {
                            return failure(slept.error());
                        }
                        return {};
                    }}},
                  registry_, clock_);
    runner.start();
    ASSERT_EQ(began.get_future().wait_for(test::kPatience), std::future_status::ready);
    ASSERT_TRUE(test::eventually([&] {
        return one("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%'"
                   " AND application_name = 'atlas long' AND state = 'active'") == "1";
    }));
    runner.stop();
    EXPECT_EQ(one("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'atlas long'"
                  " AND state = 'active'"),
              "0");
}

}  // namespace
}  // namespace atlas::jobs
