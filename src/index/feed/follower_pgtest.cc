// SPDX-License-Identifier: Apache-2.0
//
// The follower against a real log: what the index shows in the end is what the tables have,
// whatever happens while it is filled.
#include "index/feed/follower.h"

#include <fmt/format.h>

#include <atomic>
#include <map>
#include <random>
#include <thread>

#include "index/index_reader.h"
#include "stream/test_stream.h"

namespace atlas::index {
namespace {

using namespace std::chrono_literals;
using stream::ReaderState;

// One tenant, without attributes: what is shown needs none.
struct NoAttributes final : Catalogs {
    model::TenantCatalogPtr find(TenantId tenant) override {
        return std::make_shared<model::TenantCatalog>(tenant, 1, 1, true,
                                                      std::vector<model::Attribute>{});
    }
};
struct NoHistory final : Observations {
    query::Answer<void> find(TenantId, std::span<Wanted>) override { return {}; }
};

class FollowerTest : public stream::StreamTest {
protected:
    FollowerTest() {
        run("INSERT INTO entities (tenant_id, external_id, entity_type) SELECT 2, 'e' || n, 'pump' "
            "FROM generate_series(1, 200) n");
        run("UPDATE entity_jsonb SET hot_attrs = jsonb_build_object('n', entity_id)");
        followers_ = {&index_follower_};
        primary_.start();
    }
    void start_index() {
        auto with = options();
        with.starts_over = true;
        start(std::move(with));
    }
    // Returns when the index holds the database as of now.
    [[nodiscard]] bool await_index() {
        run("INSERT INTO replication_heartbeat (source) VALUES ('test')");
        const auto end = parse_lsn(one("SELECT pg_current_wal_flush_lsn()")).value();
        const Follower& follower = small_ ? *small_ : index_follower_;
        return test::eventually(
            [&] { return follower.complete() && index_.applied().position.lsn >= end; });
    }

    // External id → type and values.
    std::map<std::string, std::string> in_index(TenantId tenant = kDefaultTenant) {
        std::map<std::string, std::string> found;
        query::ListRequest request{
            .tenant = tenant, .order = query::parse_order("entity").value(), .page_size = 1000};
        const auto page = reader_of_index_.list(request);
        EXPECT_TRUE(page) << page.error().detail;
        if (!page) return found;
        for (const auto& entity : page->entities) {
            std::string text = entity.type;
            for (const auto& value : entity.values) text += " " + value.name + "=" + value.json;
            found[entity.external_id] = text;
        }
        return found;
    }
    std::map<std::string, std::string> in_database(TenantId tenant = kDefaultTenant) {
        const auto rows = admin_.exec(
            "SELECT e.external_id, e.entity_type || coalesce((SELECT string_agg(' ' || key || '=' "
            "|| value::text, '' ORDER BY length(key), key) FROM jsonb_each(j.hot_attrs)), '') FROM "
            "entities e JOIN entity_jsonb j USING (tenant_id, entity_id) WHERE e.tenant_id = $1 "
            "AND NOT e.is_deleted",
            pg::Params{}.add(tenant.value));
        EXPECT_TRUE(rows) << rows.error().message;
        std::map<std::string, std::string> found;
        for (int row = 0; rows && row < rows->size(); ++row) {
            found[std::string(rows->text(row, 0))] = rows->text(row, 1);
        }
        return found;
    }

    observe::Registry own_registry_;
    LiveIndex index_{clock_};
    std::atomic<int> rebuilds_{0};
    // Parts so small that there are many.
    Follower index_follower_{{.conninfo = conninfo_,
                              .part_rows = 9,
                              .request_rebuild =
                                  [this] {
                                      ++rebuilds_;
                                      reader_->rebuild(Follower::kName);
                                  }},
                             index_,
                             primary_,
                             own_registry_,
                             clock_};
    observe::Registry small_registry_;
    std::optional<Follower> small_;
    NoAttributes catalogs_;
    NoHistory history_;
    IndexReader reader_of_index_{index_, catalogs_, history_};
};

TEST_F(FollowerTest, WhatHappensDuringTheLoadIsThere) {
    std::atomic<bool> stop{false};
    std::thread writer([&] {
        auto connection = connect(conninfo_);
        std::minstd_rand random(11);
        const auto write = [&](const std::string& sql) {
            const auto done = connection.exec(sql);
            EXPECT_TRUE(done) << sql << ": " << done.error().message;
        };
        for (int round = 0; !stop; ++round) {
            const auto entity = 1 + random() % 200;
            // A third of them too large for the row: later updates leave it out of the log.
            write(fmt::format(
                "UPDATE entity_jsonb SET hot_attrs = jsonb_build_object('n', {}, 'text', (SELECT "
                "coalesce(string_agg(md5(random()::text), ''), '') FROM generate_series(1, {}))) "
                "WHERE entity_id = {}",
                round, random() % 3 == 0 ? 200 : 0, entity));
            write(
                fmt::format("UPDATE entity_jsonb SET last_day = current_date WHERE entity_id = {}",
                            1 + random() % 200));
            write(
                fmt::format("UPDATE entities SET is_deleted = NOT is_deleted WHERE entity_id = {}",
                            1 + random() % 200));
            write(fmt::format("DELETE FROM entities WHERE entity_id = {}", 1 + random() % 200));
            write(fmt::format("INSERT INTO entities (tenant_id, external_id) VALUES (2, 'new{}')",
                              round));
        }
    });
    start_index();
    EXPECT_TRUE(await_index());
    // For a while after it, too.
    const auto begun = index_.applied().position;
    EXPECT_TRUE(test::eventually(
        [&] { return index_.applied().position.lsn.value > begun.lsn.value + 100'000; }));
    stop = true;
    writer.join();
    ASSERT_TRUE(await_index());
    EXPECT_GT(in_index().size(), 0U);
    EXPECT_EQ(in_index(), in_database());
}

TEST_F(FollowerTest, ATransactionIsShownAtItsEnd) {
    start_index();
    ASSERT_TRUE(await_index());
    run("BEGIN; UPDATE entity_jsonb SET hot_attrs = '{\"n\": 1}'");
    // Another one commits meanwhile.
    const auto other = admin_.exec("UPDATE entities SET entity_type = 'fan' WHERE entity_id = 5");
    ASSERT_TRUE(other) << other.error().message;
    const auto end = parse_lsn(one("SELECT pg_current_wal_flush_lsn()")).value();
    ASSERT_TRUE(test::eventually([&] { return index_.applied().position.lsn >= end; }));
    EXPECT_EQ(in_index().at("e5"), "fan n=5");
    EXPECT_EQ(in_index().at("e6"), "pump n=6");
    run("COMMIT");
    ASSERT_TRUE(await_index());
    EXPECT_EQ(in_index().at("e6"), "pump n=1");
    EXPECT_EQ(in_index(), in_database());
}

// Goal: waiting ends at a position at which no commit ends, without a commit.
TEST_F(FollowerTest, APositionBehindAnOpenTransactionIsReached) {
    start_index();
    ASSERT_TRUE(await_index());
    run("BEGIN; UPDATE entity_jsonb SET hot_attrs = '{\"n\": 1}'");
    const auto flushed = one("SELECT pg_switch_wal()");
    const auto end = parse_lsn(flushed).value();
    EXPECT_TRUE(index_follower_.await({.timeline = 1, .lsn = end}, 10s, [&] { reader_->hurry(); }));
    EXPECT_FALSE(index_follower_.await({.timeline = 1, .lsn = Lsn{end.value << 1U}}, 20ms,
                                       [&] { reader_->hurry(); }));
    run("ROLLBACK");
}

TEST_F(FollowerTest, ATruncatedTableStartsOver) {
    start_index();
    ASSERT_TRUE(await_index());
    const auto truncated = admin_.exec("SET session_replication_role = replica");
    ASSERT_TRUE(truncated);
    one("TRUNCATE entities, entity_jsonb");
    ASSERT_TRUE(test::eventually([&] { return rebuilds_ == 1; }));
    one("RESET session_replication_role");
    run("INSERT INTO entities (tenant_id, external_id) VALUES (2, 'after')");
    ASSERT_TRUE(await_index());
    EXPECT_EQ(in_index(), in_database());
    EXPECT_EQ(in_index().size(), 1U);
}

// Goal: beyond its budget the index holds nothing, says so, and does not die.
TEST_F(FollowerTest, TheBudgetLeavesTenantsOut) {
    small_.emplace(FollowerOptions{.conninfo = conninfo_, .memory_bytes = 1, .part_rows = 50},
                   index_, primary_, small_registry_, clock_);
    followers_ = {&*small_};
    start_index();
    ASSERT_TRUE(test::eventually([&] {
        run("INSERT INTO replication_heartbeat (source) VALUES ('test')");
        return small_->complete() && index_.usage().left_out > 0;
    }));
    query::ListRequest request{.tenant = kDefaultTenant,
                               .order = query::parse_order("entity").value()};
    const auto page = reader_of_index_.list(request);
    ASSERT_FALSE(page);
    EXPECT_EQ(page.error().code, query::ErrorCode::not_held);
}

// Goal: a tenant that had no room is held again once there is some, with everything that happened
// meanwhile and goes on happening.
TEST_F(FollowerTest, ATenantComesBackOnceThereIsRoom) {
    run("INSERT INTO tenants (tenant_id, tenant_name) VALUES (3, 'three'), (4, 'four')");
    run("INSERT INTO entities (tenant_id, external_id, entity_type) SELECT t, 'e' || n, 'pump' "
        "FROM "
        "generate_series(1, 900) n, unnest(ARRAY[3, 4]) t");
    run("UPDATE entity_jsonb SET hot_attrs = jsonb_build_object('n', entity_id)");
    start_index();
    ASSERT_TRUE(await_index());
    const std::size_t all = index_.usage().bytes;
    stop();
    index_.clear();
    small_.emplace(FollowerOptions{.conninfo = conninfo_,
                                   .memory_bytes = all * 3 / 4,
                                   .part_rows = 50,
                                   .pause_outside = 1ms},
                   index_, primary_, small_registry_, clock_);
    followers_ = {&*small_};
    start_index();
    ASSERT_TRUE(test::eventually([&] { return index_.usage().left_out == 1; }));
    ASSERT_TRUE(await_index());
    TenantId gone{};
    for (const TenantUse& tenant : index_.tenants()) {
        if (tenant.left_out) gone = tenant.tenant;
    }
    ASSERT_GT(gone.value, 2);
    const std::int64_t kept = 7 - gone.value;

    run(
        fmt::format("UPDATE entity_jsonb SET hot_attrs = '{{\"n\": 1}}' WHERE tenant_id = {} AND "
                    "entity_id % 3 = 0",
                    gone.value));
    // Registered, and without a state so far.
    run("SET atlas.state_rows = 'later'");
    run(
        fmt::format("INSERT INTO entities (tenant_id, external_id) VALUES ({0}, 'late'), ({0}, "
                    "'none')",
                    gone.value));
    run("RESET atlas.state_rows");
    std::atomic<bool> stop_writing{false};
    std::thread writer([&] {
        auto connection = connect(conninfo_);
        for (int round = 0; !stop_writing; ++round) {
            const auto done = connection.exec(
                fmt::format("UPDATE entity_jsonb SET hot_attrs = '{{\"n\": {}}}' WHERE tenant_id = "
                            "{} AND entity_id % 50 = {}",
                            round, gone.value, round % 50));
            EXPECT_TRUE(done) << done.error().message;
        }
    });
    run(fmt::format("DELETE FROM entities WHERE tenant_id = {}", kept));
    run(fmt::format("DELETE FROM tenants WHERE tenant_id = {}", kept));
    query::ListRequest request{.tenant = gone, .order = query::parse_order("entity").value()};
    EXPECT_TRUE(test::eventually([&] { return reader_of_index_.list(request).has_value(); }));
    stop_writing = true;
    writer.join();
    ASSERT_TRUE(await_index());
    EXPECT_EQ(in_index(gone), in_database(gone));
    EXPECT_EQ(index_.usage().left_out, 0);
    run(fmt::format(
        "INSERT INTO entity_jsonb (tenant_id, entity_id, hot_attrs) SELECT tenant_id, "
        "entity_id, '{{\"n\": 2}}' FROM entities WHERE tenant_id = {} AND external_id = "
        "'late'",
        gone.value));
    ASSERT_TRUE(await_index());
    EXPECT_EQ(in_index(gone).at("late"), "entity n=2");
    EXPECT_EQ(in_index(gone), in_database(gone));
}

}  // namespace
}  // namespace atlas::index
