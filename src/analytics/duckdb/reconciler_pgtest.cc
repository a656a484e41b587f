// SPDX-License-Identifier: Apache-2.0
//
// A store in DuckDB that is damaged, or misses what the log does not hold, beside the database that
// it follows.
//
// ATLAS_SEED=n repeats a round; ATLAS_ROUNDS=n runs that many.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <thread>

#include "analytics/duckdb/duck_store.h"
#include "analytics/reconciler.h"
#include "analytics/test_loader_process.h"
#include "pg/connection.h"
#include "stream/test_stream.h"
#include "testing/eventually.h"
#include "testing/rounds.h"
#include "testing/test_cluster.h"

namespace atlas::analytics::duckdb {
namespace {

using atlas::test::eventually;
using atlas::test::TestCluster;
using State = CheckReport::State;

class Process : public LoaderProcess {
public:
    Process(const std::string& conninfo, const stream::SlotHolder& slot, AnalyticsStore& store,
            ReconcilerOptions options = {})
        : LoaderProcess(conninfo, slot, store),
          reconciler_(conninfo, store, loader(), registry(), clock(), options) {
        EXPECT_TRUE(eventually([&] { return complete(); }));
        reconciler_.start();
    }
    ~Process() { reconciler_.stop(); }

    Reconciler& reconciler() { return reconciler_; }
    CheckReport check(const Check& check = {}) {
        EXPECT_TRUE(reconciler_.check(check));
        EXPECT_TRUE(eventually([&] { return reconciler_.report().state != State::running; }));
        return reconciler_.report();
    }

private:
    Reconciler reconciler_;
};

class ReconcilerTest : public ::testing::Test {
protected:
    void SetUp() override {
        run("SELECT atlas_ensure_partitions(ARRAY[" + day(3) + ", " + day(2) + ", " + day(1) +
            ", " + day(0) +
            "]);"
            "INSERT INTO entities (entity_id, tenant_id, external_id, entity_type) "
            "    SELECT n, 2, 'e' || n, 'pump' FROM generate_series(1000, 1039) n;"
            "INSERT INTO entity_jsonb (tenant_id, entity_id, hot_attrs) "
            "    SELECT 2, n, jsonb_build_object('a', n) FROM generate_series(1000, 1039) n "
            "    ON CONFLICT (tenant_id, entity_id) DO UPDATE SET hot_attrs = excluded.hot_attrs;"
            "INSERT INTO attributes (attribute_id, attribute_name) "
            "    VALUES (900, 'a'), (901, 'b'), (902, 'c'), (903, 'd');"
            "INSERT INTO tenant_attributes (tenant_id, attribute_id, name_id, type) "
            "    VALUES (2, 900, 900, 'double'), (2, 901, 901, 'string'), "
            "           (2, 902, 902, 'int'), (2, 903, 903, 'decimal')");
        fill("ARRAY[3, 2, 1, 0]");
    }
    void TearDown() override { EXPECT_TRUE(TestCluster::shared().drop_slots(conninfo_)); }

    void run(const std::string& sql) {
        const auto done = connection_.exec_script(sql);
        ASSERT_TRUE(done) << done.error().message;
    }
    std::string one(const std::string& sql) {
        const auto rows = connection_.exec(sql).value();
        return rows.empty() ? "" : std::string(rows.text(0, 0));
    }
    // So many days ago, in the SQL of both sides.
    std::string day(int ago) const { return fmt::format("DATE '{}' - {}", today_, ago); }
    // 40 observations of every kind of value, on days that long ago.
    void fill(const std::string& days) {
        run("INSERT INTO observations (tenant_id, entity_id, observed_at, received_at, attrs, "
            "        int_values, double_values, decimal_values, text_values) "
            "    SELECT 2, n, (" +
            day(0) +
            ")::timestamp AT TIME ZONE 'UTC' - d * interval '1 day' "
            "            + n % 7 * interval '1 hour' + n * interval '1 microsecond', "
            "        now(), '{902,900,903,901}', ARRAY[CASE WHEN n % 5 > 0 THEN n END], "
            "        ARRAY[CASE n % 4 WHEN 0 THEN 'NaN' WHEN 1 THEN -0.0 ELSE n + 0.5 END], "
            "        ARRAY[n + 0.500], ARRAY['x' || n] "
            "    FROM generate_series(1000, 1039) n, unnest(" +
            days + ") d");
    }
    // Damages the store beside its loader.
    void damage(const std::string& sql) {
        auto connection = store_->connect().value();
        std::string message;
        EXPECT_TRUE(eventually([&] {
            const auto done = connection.execute(sql);
            message = done ? "" : done.error().message;
            return done.has_value();
        })) << message;
    }
    // Both sides as text, apart from how the reconciler reads them.
    std::multimap<std::string, std::string> stored() {
        std::multimap<std::string, std::string> all;
        auto connection = store_->connect().value();
        auto rows = connection
                        .query(
                            "SELECT concat_ws(' ', tenant_id, entity_id, attribute_id, "
                            "epoch_us(observed_at)), coalesce(value, 'null') FROM fact_telemetry "
                            "UNION ALL SELECT 'state ' || entity_id, hot_attrs::VARCHAR "
                            "FROM store.entity_jsonb "
                            "UNION ALL SELECT 'entity ' || entity_id, entity_type "
                            "FROM store.entities")
                        .value();
        for (auto chunk = rows.next().value(); chunk; chunk = rows.next().value()) {
            for (std::size_t row = 0; row < chunk->rows(); ++row) {
                all.emplace(chunk->column(0).text(row), chunk->column(1).text(row));
            }
        }
        return all;
    }
    std::multimap<std::string, std::string> expected() {
        const auto rows =
            connection_
                .exec(
                    "SELECT concat_ws(' ', tenant_id, entity_id, attribute_id, "
                    "public.atlas_micros(observed_at)), coalesce(value, 'null') "
                    "FROM entity_values_ts UNION ALL SELECT 'state ' || entity_id, "
                    "hot_attrs::text FROM entity_jsonb "
                    "UNION ALL SELECT 'entity ' || entity_id, entity_type FROM entities")
                .value();
        std::multimap<std::string, std::string> all;
        for (int row = 0; row < rows.size(); ++row) {
            all.emplace(rows.text(row, 0), rows.text(row, 1));
        }
        return all;
    }
    static std::string to_text(const CheckReport& report) {
        return fmt::format("{}: points {} {} {}, rows {} {} {}, undecided {}", report.failure,
                           report.differing_points.missing, report.differing_points.changed,
                           report.differing_points.extra, report.differing_rows.missing,
                           report.differing_rows.changed, report.differing_rows.extra,
                           report.undecided);
    }

    const std::string conninfo_ = TestCluster::shared().make_database();
    pg::Connection connection_ = pg::Connection::open(conninfo_, {}).value();
    const std::string today_ = one("SELECT current_date");
    const stream::FixedSlot slot_{"atlas_reconciler"};
    const SystemClock clock_;
    std::unique_ptr<DuckStore> store_ =
        DuckStore::open(
            {.path = {}, .day_closes_after = std::chrono::minutes{0}, .min_settled_points = 1},
            clock_)
            .value();
};

TEST_F(ReconcilerTest, WhatIsEqualDoesNotDiffer) {
    Process process(conninfo_, slot_, *store_);
    const auto report = process.check();
    EXPECT_EQ(report.state, State::done);
    EXPECT_EQ(to_text(report), ": points 0 0 0, rows 0 0 0, undecided 0");
    EXPECT_EQ(report.points, 4 * 4 * 40U);
    EXPECT_EQ(report.days, 4U);
    EXPECT_EQ(report.days_done, 4U);
    EXPECT_GE(report.rows, 80U);
    ASSERT_TRUE(store_->compact());
    EXPECT_EQ(to_text(process.check()), ": points 0 0 0, rows 0 0 0, undecided 0");
}

// Goal: every kind of damage is counted and repaired, in loose and in settled points.
TEST_F(ReconcilerTest, DamageIsFoundAndRepaired) {
    Process process(conninfo_, slot_, *store_);
    ASSERT_EQ(process.check().differing_points.total(), 0U);
    for (const std::string table : {"recent", "settled"}) {
        SCOPED_TRACE(table);
        if (table == "settled") ASSERT_TRUE(store_->compact());
        damage("DELETE FROM store." + table + " WHERE entity_id = 1001 AND day = " + day(1));
        damage("UPDATE store." + table +
               " SET double_value = 7 WHERE entity_id = 1002 AND attribute_id = 900");
        const std::string arrival = table == "settled" ? "arrival_us" : "delay";
        damage("UPDATE store." + table + " SET " + arrival + " = " + arrival +
               " + 1 WHERE entity_id = 1003 AND attribute_id = 901");
        damage("INSERT INTO store." + table + " SELECT * FROM store." + table +
               " WHERE entity_id = 1004 AND attribute_id = 902");
        damage("INSERT INTO store." + table + " SELECT * REPLACE (5000 AS entity_id) FROM store." +
               table + " WHERE entity_id = 1005 AND attribute_id = 903");
        const std::string days = table == "settled" ? "3" : "4";
        const auto found = process.check({.repair = false});
        EXPECT_EQ(to_text(found), fmt::format(": points 4 {} {}, rows 0 0 0, undecided 0",
                                              table == "settled" ? 9 : 12, days));
        EXPECT_EQ(found.repaired, 0U);
        const auto repaired = process.check();
        EXPECT_EQ(repaired.repaired, found.differing_points.total());
        EXPECT_EQ(to_text(process.check()), ": points 0 0 0, rows 0 0 0, undecided 0");
        EXPECT_EQ(stored(), expected());
    }
    EXPECT_THAT(process.metrics(), ::testing::HasSubstr("\natlas_analytics_repaired_total 36\n"));
}

TEST_F(ReconcilerTest, ADayThatIsLostAsAWholeComesBack) {
    // Rows are compared and repaired in pieces that are smaller than the day.
    Process process(conninfo_, slot_, *store_, {.comparison = {.max_points = 30, .max_rows = 7}});
    damage("DELETE FROM store.recent WHERE day = " + day(2));
    const auto report = process.check();
    EXPECT_EQ(to_text(report), ": points 160 0 0, rows 0 0 0, undecided 0");
    EXPECT_EQ(report.repaired, 160U);
    EXPECT_EQ(stored(), expected());
}

TEST_F(ReconcilerTest, RowsOfSmallTablesAreRepaired) {
    Process process(conninfo_, slot_, *store_, {.comparison = {.max_rows = 7}});
    ASSERT_EQ(process.check().differing_rows.total(), 0U);
    damage("DELETE FROM store.entities WHERE entity_id IN (1003, 1039)");
    damage("UPDATE store.entities SET external_id = NULL WHERE entity_id = 1004");
    damage("UPDATE store.entity_jsonb SET hot_attrs = '{\"a\": 5}' WHERE entity_id = 1005");
    damage(
        "INSERT INTO store.entity_jsonb SELECT * REPLACE (7000 AS entity_id) "
        "FROM store.entity_jsonb WHERE entity_id = 1006");
    damage("UPDATE store.tenant_attributes SET unit = 'bar' WHERE attribute_id = 900");
    const auto report = process.check();
    EXPECT_EQ(to_text(report), ": points 0 0 0, rows 2 3 1, undecided 0");
    EXPECT_EQ(report.repaired, 6U);
    EXPECT_EQ(to_text(process.check()), ": points 0 0 0, rows 0 0 0, undecided 0");
    EXPECT_EQ(stored(), expected());
}

// Goal: what the log does not bring, because only a partition was emptied, is found; keys that are
// written again afterwards are there once.
TEST_F(ReconcilerTest, ATruncatedPartitionIsFound) {
    Process process(conninfo_, slot_, *store_);
    ASSERT_EQ(process.check().differing_points.total(), 0U);
    const std::string partition =
        one("SELECT tableoid::regclass FROM observations "
            "WHERE observed_at < " +
            day(1) + " ORDER BY observed_at DESC LIMIT 1");
    const std::string other =
        one("SELECT tableoid::regclass FROM observations ORDER BY observed_at LIMIT 1");
    ASSERT_NE(partition, other);
    auto admin = pg::Connection::open(TestCluster::shared().as_superuser(conninfo_), {}).value();
    ASSERT_TRUE(admin.exec_script("TRUNCATE " + partition + "; TRUNCATE ONLY " + other));
    fill("ARRAY[2]");
    const auto report = process.check();
    // A day that is gone, and one of which each point is in the store twice.
    EXPECT_EQ(to_text(report), ": points 0 160 160, rows 0 0 0, undecided 0");
    EXPECT_EQ(report.repaired, 320U);
    EXPECT_EQ(stored(), expected());
}

TEST_F(ReconcilerTest, ARangeIsComparedAlone) {
    Process process(conninfo_, slot_, *store_);
    damage("DELETE FROM store.recent WHERE entity_id = 1001");
    const std::int64_t today = std::stoll(
        one("SELECT public.atlas_micros((" + day(0) + ")::timestamp AT TIME ZONE 'UTC')"));
    const auto report = process.check({.range = TimeRange{today - 1, today + 7'200'000'000}});
    EXPECT_EQ(report.days, 2U);
    EXPECT_EQ(report.rows, 0U);
    EXPECT_EQ(report.differing_points.missing, 4U);
    EXPECT_EQ(process.check().differing_points.missing, 12U);
}

TEST_F(ReconcilerTest, RunsOfTheIntervalReachYesterdayAndEveryOlderDay) {
    Process process(conninfo_, slot_, *store_, {.interval = std::chrono::milliseconds{1}});
    damage("DELETE FROM store.recent WHERE entity_id = 1001 AND day < " + day(0));
    damage("DELETE FROM store.entities WHERE entity_id = 1039");
    EXPECT_TRUE(eventually([&] { return process.reconciler().found().missing == 13; }));
    EXPECT_TRUE(eventually([&] { return stored() == expected(); }));
}

class Writes {
public:
    Writes(std::string conninfo, std::uint64_t seed)
        : thread_([this, conninfo = std::move(conninfo), seed] { write(conninfo, seed); }) {}
    ~Writes() {
        end_ = true;
        thread_.join();
    }
    Writes(const Writes&) = delete;
    Writes& operator=(const Writes&) = delete;

private:
    // Changes of few rows, so that they meet, some in long transactions, some rolled back.
    void write(const std::string& conninfo, std::uint64_t seed) {
        std::mt19937_64 random(seed);
        const auto below = [&](std::uint64_t bound) { return random() % bound; };
        auto connection = pg::Connection::open(conninfo, {}).value();
        while (!end_) {
            const bool longer = below(8) == 0;
            if (longer) static_cast<void>(connection.exec("BEGIN"));
            for (std::uint64_t i = 0; i < (longer ? 5U : 1U); ++i) {
                static_cast<void>(connection.exec(SqlText(statement(below), "test")));
            }
            if (longer) static_cast<void>(connection.exec(below(4) == 0 ? "ROLLBACK" : "COMMIT"));
        }
    }
    template <class Below>
    static std::string statement(Below below) {
        const std::string key = fmt::format(
            "entity_id = {} AND observed_at = current_date::timestamp AT TIME ZONE 'UTC' - {} * "
            "interval '1 day' + {} * interval '1 minute'",
            1000 + below(10), below(2), below(4));
        switch (below(5)) {
            case 0:
                return fmt::format(
                    "UPDATE entity_jsonb SET hot_attrs = '{{\"a\": {}}}' WHERE entity_id = {}",
                    below(3), 1000 + below(10));
            case 1: return "DELETE FROM observations WHERE " + key;
            case 2:
                return fmt::format(
                    "UPDATE observations SET double_values = '{{{}}}', "
                    "received_at = now() WHERE {}",
                    below(5), key);
            default:
                return fmt::format(
                    "INSERT INTO observations (tenant_id, entity_id, observed_at, received_at, "
                    "attrs, double_values) VALUES (2, {}, current_date::timestamp AT TIME ZONE "
                    "'UTC' - {} * interval '1 day' + {} * interval '1 minute', now(), '{{900}}', "
                    "'{{{}}}') ON CONFLICT DO NOTHING",
                    1000 + below(10), below(2), below(4), below(5));
        }
    }

    std::atomic<bool> end_{false};
    std::thread thread_;
};

// Goal: while rows change, none is said to differ that does not; damage is repaired meanwhile, also
// when processes end in the middle of it, and no point is there twice.
TEST_F(ReconcilerTest, WritesMeanwhileAreNoDifferences) {
    const std::uint64_t seed = atlas::test::seed_or(1);
    SCOPED_TRACE(fmt::format("ATLAS_SEED={}", seed));
    {
        Process process(conninfo_, slot_, *store_);
        const Writes first(conninfo_, seed);
        const Writes second(conninfo_, seed + 1);
        for (std::uint64_t round = 0; round < 6 * atlas::test::rounds_or(1); ++round) {
            const auto report = process.check();
            EXPECT_EQ(report.failure, "");
            EXPECT_EQ(report.differing_points.total() + report.differing_rows.total(), 0U)
                << to_text(report);
        }
    }
    {
        const Writes first(conninfo_, seed + 2);
        const Writes second(conninfo_, seed + 3);
        for (int life = 0; life < 3; ++life) {
            Process process(conninfo_, slot_, *store_);
            damage("DELETE FROM store.recent WHERE entity_id % 3 = 0");
            damage("UPDATE store.recent SET double_value = 99 WHERE entity_id % 3 = 1");
            EXPECT_TRUE(process.reconciler().check({}));
            // Ends with the first repair, or later.
            EXPECT_TRUE(eventually([&] {
                const auto report = process.reconciler().report();
                return report.repaired > 0 || report.state != State::running;
            }));
        }
    }
    Process process(conninfo_, slot_, *store_);
    const auto last = process.check();
    EXPECT_EQ(last.failure, "");
    EXPECT_EQ(to_text(process.check()), ": points 0 0 0, rows 0 0 0, undecided 0");
    EXPECT_EQ(stored(), expected());
}

}  // namespace
}  // namespace atlas::analytics::duckdb
