// SPDX-License-Identifier: Apache-2.0
//
// Random writes by SQL, while a loader follows the log and is cut off again and again: in the end
// its store holds what the database holds.
//
// ATLAS_SEED=n repeats a round; ATLAS_ROUNDS=n runs that many.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <thread>

#include "analytics/test_loader_process.h"
#include "analytics/test_memory_store.h"
#include "pg/connection.h"
#include "stream/test_stream.h"
#include "testing/eventually.h"
#include "testing/rounds.h"
#include "testing/test_cluster.h"

namespace atlas::analytics {
namespace {

using test::eventually;
using test::TestCluster;

class LoaderProperty : public ::testing::Test {
protected:
    void TearDown() override { EXPECT_TRUE(TestCluster::shared().drop_slots(conninfo_)); }

    int below(int bound) { return static_cast<int>(random_() % static_cast<std::uint64_t>(bound)); }
    // One of few keys, so that changes meet.
    std::string where() {
        return fmt::format("tenant_id = 2 AND entity_id = {} AND observed_at = '{}'::timestamptz",
                           below(6), instant());
    }
    std::string instant() {
        return fmt::format("2026-11-{:02} 10:00:{:02}+00", 20 + below(4), below(5));
    }
    std::string values() {
        switch (below(5)) {
            case 0: return "NULL, '{1,2,3}', '{5}', '{1.5}', NULL, '{\"on\"}'";
            case 1:
                return fmt::format("NULL, '{{1,4}}', '{{{},NULL}}', NULL, NULL, NULL", below(99));
            case 2: return "NULL, '{7}', NULL, NULL, '{12.500}', NULL";
            case 3:
                return fmt::format("1, NULL, '{{{}}}', '{{{}.25}}', NULL, NULL", below(9),
                                   below(9));
            // Large enough to be stored apart, so that an update that leaves it alone leaves it
            // out.
            default:
                return fmt::format(
                    "NULL, '{{9}}', NULL, NULL, NULL, ARRAY[(SELECT string_agg(md5(n::text), '') "
                    "FROM generate_series({}, {}) n)]",
                    below(1000), 1000 + below(1000));
        }
    }
    std::string write() {
        const std::string columns =
            "(shape_id, attrs, int_values, double_values, decimal_values, text_values)";
        switch (below(12)) {
            case 0:
            case 1:
            case 2:
            case 3:
                return fmt::format(
                    "INSERT INTO observations (tenant_id, entity_id, observed_at, received_at, "
                    "{} VALUES (2, {}, '{}', now(), {}) ON CONFLICT DO NOTHING",
                    columns.substr(1), below(6), instant(), values());
            case 4:
            case 5:
                return fmt::format("UPDATE observations SET {} = ({}) WHERE {}", columns, values(),
                                   where());
            case 6:
                return fmt::format("UPDATE observations SET received_at = now() WHERE {}", where());
            case 7: return fmt::format("DELETE FROM observations WHERE {}", where());
            case 8:
                return fmt::format(
                    "UPDATE observations SET entity_id = {} WHERE {} AND NOT EXISTS (SELECT FROM "
                    "observations o WHERE o.tenant_id = 2 AND o.entity_id = {} AND o.observed_at = "
                    "observations.observed_at)",
                    6, where(), 6);
            case 9:
                return fmt::format(
                    "UPDATE entities SET entity_type = 't{}', is_deleted = "
                    "NOT is_deleted WHERE entity_id = {}",
                    below(9), below(6));
            case 10:
                return fmt::format(
                    "UPDATE entity_jsonb SET updated_at = now(), hot_attrs = "
                    "CASE WHEN {} THEN jsonb_build_object('s', repeat(md5('{}'), 200)"
                    ") ELSE hot_attrs END WHERE entity_id = {}",
                    below(2) == 0 ? "true" : "false", below(99), below(6));
            default:
                return fmt::format(
                    "UPDATE tenant_attributes SET unit = 'u{}' WHERE tenant_id = 2 "
                    "AND attribute_id = {}",
                    below(9), 1 + below(9));
        }
    }
    // Writes until told to stop, some of it in larger transactions, some of it rolled back.
    void write_until(const std::atomic<bool>& end) {
        auto session = pg::Connection::open(conninfo_, {}).value();
        while (!end) {
            std::string script = "BEGIN;";
            for (int i = 1 + below(below(8) == 0 ? 60 : 3); i > 0; --i) script += write() + ";";
            script += below(10) == 0 ? "ROLLBACK" : "COMMIT";
            const auto done = session.exec_script(script);
            ASSERT_TRUE(done) << done.error().message << '\n' << script;
        }
    }
    void prepare() {
        auto session = pg::Connection::open(conninfo_, {}).value();
        const auto done = session.exec_script(
            "SELECT atlas_ensure_partitions(ARRAY(SELECT '2026-11-20'::date + n "
            "    FROM generate_series(0, 3) n));"
            "INSERT INTO shapes (attrs) VALUES ('{5,6}');"
            "INSERT INTO attributes (attribute_id, attribute_name) "
            "    SELECT n, 'a' || n FROM generate_series(1, 9) n;"
            "INSERT INTO tenant_attributes (tenant_id, attribute_id, name_id, type) "
            "    SELECT 2, n, n, 'int' FROM generate_series(1, 9) n;"
            "INSERT INTO entities (entity_id, tenant_id, external_id) "
            "    SELECT n, 2, 'e' || n FROM generate_series(0, 6) n");
        ASSERT_TRUE(done) << done.error().message;
        for (int i = 0; i < 60; ++i) {
            const std::string sql = write();
            const auto written = session.exec(sql);
            ASSERT_TRUE(written) << written.error().message << '\n' << sql;
        }
    }
    // What the store should hold, read from the packed rows.
    std::map<std::string, std::string> expected_points() {
        auto session = pg::Connection::open(conninfo_, {}).value();
        const auto rows = session.exec(R"(
            SELECT concat_ws(' ', o.tenant_id, o.entity_id, atlas_micros(o.observed_at), u.id),
                   coalesce('i' || CASE WHEN u.pos <= ints THEN int_values[u.pos] END,
                            'd' || CASE WHEN u.pos > ints AND u.pos <= ints + doubles
                                        THEN double_values[u.pos - ints] END,
                            'n' || CASE WHEN u.pos > ints + doubles
                                             AND u.pos <= ints + doubles + decimals
                                        THEN decimal_values[u.pos - ints - doubles] END,
                            't' || CASE WHEN u.pos > ints + doubles + decimals
                                        THEN text_values[u.pos - ints - doubles - decimals] END,
                            'null')
            FROM observations o LEFT JOIN shapes s USING (shape_id)
            CROSS JOIN LATERAL (SELECT cardinality(coalesce(int_values, '{}')) AS ints,
                                       cardinality(coalesce(double_values, '{}')) AS doubles,
                                       cardinality(coalesce(decimal_values, '{}')) AS decimals) g
            CROSS JOIN LATERAL unnest(coalesce(o.attrs, s.attrs)) WITH ORDINALITY AS u (id, pos))");
        std::map<std::string, std::string> points;
        if (!rows) {
            ADD_FAILURE() << rows.error().message;
            return points;
        }
        for (int row = 0; row < rows->size(); ++row) {
            points.emplace(rows->text(row, 0), rows->text(row, 1));
        }
        return points;
    }
    std::map<std::string, std::string> expected_rows() {
        auto session = pg::Connection::open(conninfo_, {}).value();
        const auto rows =
            session
                .exec(
                    "SELECT 'entity ' || entity_id, entity_type || ' ' || is_deleted FROM entities "
                    "UNION ALL SELECT 'state ' || entity_id, hot_attrs::text || ' ' || is_deleted "
                    "FROM entity_jsonb "
                    "UNION ALL SELECT 'attribute ' || attribute_id, coalesce(unit, 'NULL') "
                    "FROM tenant_attributes")
                .value();
        std::map<std::string, std::string> all;
        for (int row = 0; row < rows.size(); ++row)
            all.emplace(rows.text(row, 0), rows.text(row, 1));
        return all;
    }
    std::map<std::string, std::string> stored_rows() const {
        std::map<std::string, std::string> all;
        for (const auto& [key, cells] : store_.rows()) {
            switch (key.first) {
                case stream::Table::entities:
                    all.emplace("entity " + cells[0], cells[2] + ' ' + cells[4]);
                    break;
                case stream::Table::entity_jsonb:
                    all.emplace("state " + cells[1], cells[2] + ' ' + cells[3]);
                    break;
                case stream::Table::tenant_attributes:
                    all.emplace("attribute " + cells[1], cells[5]);
                    break;
                default: break;
            }
        }
        return all;
    }

    std::mt19937_64 random_;
    const std::string conninfo_ = TestCluster::shared().make_database();
    const stream::FixedSlot slot_{"atlas_loader"};
    MemoryStore store_;
};

// Goal: whatever is written, and whenever the process ends, the copy and the log together make the
// store equal to the database.
// Method: a database with data; writers run before, during and after the initial copy, processes of
// small batches end at random moments, and the store's batches are refused now and then.
TEST_F(LoaderProperty, TheStoreEndsEqualToTheDatabase) {
    const std::uint64_t seed = test::seed_or(1);
    for (std::uint64_t round = 0; round < test::rounds_or(2); ++round) {
        SCOPED_TRACE(fmt::format("ATLAS_SEED={}", seed + round));
        random_.seed(seed + round);
        ASSERT_TRUE(store_.clear());
        if (round == 0) prepare();
        std::atomic<bool> end{false};
        const std::uint64_t writers_seed = random_();
        std::thread writer([&] {
            random_.seed(writers_seed);
            write_until(end);
        });
        std::mt19937_64 chance(seed + round);
        for (int life = 0; life < 6; ++life) {
            LoaderProcess process(conninfo_, slot_, store_, 1 + chance() % 40);
            const auto batches = store_.batches() + static_cast<int>(chance() % 30);
            if (chance() % 3 == 0) store_.fail(1);
            EXPECT_TRUE(eventually([&] { return store_.batches() >= batches; }));
        }
        end = true;
        writer.join();
        const auto points = expected_points();
        const auto rows = expected_rows();
        {
            LoaderProcess process(conninfo_, slot_, store_, 40);
            EXPECT_TRUE(eventually([&] {
                return process.complete() && store_.points() == points && stored_rows() == rows;
            })) << process.failed();
        }
        EXPECT_EQ(store_.points(), points);
        EXPECT_EQ(stored_rows(), rows);
        EXPECT_THAT(store_.violations(), ::testing::IsEmpty());
        EXPECT_GT(points.size(), 10U);
    }
}

// Goal: a row of a shape that no sequence gives out, which only SQL by hand can leave, is refused
// and told, and ends nothing else.
TEST_F(LoaderProperty, AShapeBeyondAllIdsIsRefused) {
    prepare();
    auto session = pg::Connection::open(conninfo_, {}).value();
    const auto written = session.exec(fmt::format(
        "INSERT INTO observations (tenant_id, entity_id, observed_at, received_at, "
        "shape_id, int_values) VALUES (2, 1, '2026-11-20 11:00+00', now(), {}, '{{1}}')",
        LoaderShapes::kMaxId + 1));
    ASSERT_TRUE(written) << written.error().message;
    const LoaderProcess process(conninfo_, slot_, store_);
    EXPECT_TRUE(eventually([&] {
        return process.metrics().find("\natlas_analytics_copy_failures_total 1\n") !=
               std::string::npos;
    }));
    EXPECT_FALSE(process.complete());
}

}  // namespace
}  // namespace atlas::analytics
