// SPDX-License-Identifier: Apache-2.0
//
// A database with entities of every type of hot attribute, for the tests of reads.
//
// Lifetime   one database per test.
// Threading  the test's thread.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "base/json_writer.h"
#include "catalog/catalog.h"
#include "primary/entity_get.h"
#include "primary/search_memory.h"
#include "query/order.h"
#include "testing/test_cluster.h"

namespace atlas::primary {

inline Time test_time(int number) {
    return time_from_micros(1'795'255'200'000'000 + number * std::int64_t{3'600'000'000});
}

inline const std::vector<std::string> kTexts{
    "", "online", "on", "standby", "a*b", "q\"t", "b\\ack", "Über", "über", "Zebra'; --", "%_"};

struct TestEntity {
    std::string name;
    std::string type;
    Time at{};  // created and updated
    bool deleted = false;
    std::optional<std::string> status;
    std::optional<std::int64_t> priority;
    std::optional<__int128> price_milli;
    std::string price_digits;
    std::optional<__int128> ratio_milli;
    std::string ratio_digits;
    std::optional<bool> enabled;
    std::optional<Time> since;
    std::optional<std::string> odd;

    std::string hot_attrs() const {
        std::string out;
        JsonWriter json(out);
        json.begin_object();
        if (status) json.key("status").value(*status);
        if (priority) json.key("priority").value(*priority);
        if (price_milli) json.key("price").raw(price_digits);
        if (ratio_milli) json.key("ratio").raw(ratio_digits);
        if (enabled) json.key("enabled").value(*enabled);
        if (since) json.key("since").value(*since);
        if (odd) json.key("odd \"name").value(*odd);
        json.end_object();
        return out;
    }
};

inline std::vector<TestEntity> random_entities(int count, std::uint32_t seed) {
    std::mt19937 random(seed);
    const auto pick = [&random](std::size_t size) {
        return std::uniform_int_distribution<std::size_t>(0, size - 1)(random);
    };
    const auto there = [&pick] { return pick(4) != 0; };
    const std::array<std::int64_t, 6> ints{7, 8, 0, -3, 9007199254740993, 9007199254740992};
    const std::array<std::pair<const char*, int>, 5> decimals{
        {{"7.50", 7500}, {"8", 8000}, {"-3.250", -3250}, {"0.1", 100}, {"12.5", 12500}}};
    std::vector<TestEntity> entities;
    for (int i = 0; i < count; ++i) {
        TestEntity e;
        e.name = kTexts[pick(kTexts.size())] + "#" + std::to_string(i);
        e.type = pick(2) == 0 ? "on" : "über";
        e.at = test_time(static_cast<int>(pick(20)));
        e.deleted = pick(10) == 0;
        if (there()) e.status = kTexts[pick(kTexts.size())];
        if (there()) e.priority = ints[pick(ints.size())];
        if (there()) std::tie(e.price_digits, e.price_milli) = decimals[pick(5)];
        if (there()) std::tie(e.ratio_digits, e.ratio_milli) = decimals[pick(5)];
        if (there()) e.enabled = pick(2) == 0;
        if (there()) e.since = test_time(static_cast<int>(pick(20)));
        if (there()) e.odd = "x";
        entities.push_back(std::move(e));
    }
    return entities;
}

inline query::Order bound_order(std::string_view text, const model::TenantCatalog& catalog) {
    query::Order order = query::parse_order(text).value();
    EXPECT_TRUE(query::bind_order(order, catalog)) << text;
    return order;
}

class QueryDatabase : public ::testing::Test {
protected:
    void SetUp() override {
        run("INSERT INTO tenants (tenant_id, tenant_name) VALUES (77, 'other')");
        declare({{"status", "string"},
                 {"priority", "int"},
                 {"price", "decimal"},
                 {"ratio", "double"},
                 {"enabled", "bool"},
                 {"since", "timestamp"},
                 {"odd \"name", "string"}},
                true);
    }

    void run(std::string_view sql, const pg::Params& params = {}) {
        const auto done = connection_.exec(sql, params);
        ASSERT_TRUE(done) << sql << ": " << done.error().message;
    }

    void declare(const std::vector<std::pair<std::string, std::string>>& attributes, bool hot) {
        for (const auto& [name, type] : attributes) {
            run("WITH a AS (INSERT INTO attributes (attribute_name, type) VALUES ($1, $2) "
                "RETURNING attribute_id) INSERT INTO tenant_attributes (tenant_id, attribute_id, "
                "type, is_hot) SELECT $3::bigint, attribute_id, $2, $4::boolean FROM a",
                pg::Params{}.add(name).add(type).add(tenant_.value).add(hot));
        }
    }

    // As it is now; stays valid until the next call.
    const model::TenantCatalog& catalog() {
        catalog_ = catalog::Catalog(clock_).get(connection_, tenant_).value();
        return *catalog_;
    }

    // Registers them, and one of the same name with another state in another tenant.
    void insert(const std::vector<TestEntity>& entities) {
        run("BEGIN");
        for (const TestEntity& e : entities) {
            for (const std::int64_t tenant : {tenant_.value, std::int64_t{77}}) {
                run("WITH e AS (INSERT INTO entities (tenant_id, entity_type, created_at, "
                    "is_deleted, external_id) VALUES ($1::bigint, $2, $3, $4::boolean, $5) "
                    "RETURNING entity_id) INSERT INTO entity_jsonb (entity_id, tenant_id, "
                    "hot_attrs, updated_at, is_deleted) SELECT entity_id, $1, $6::jsonb, $3, $4 "
                    "FROM e",
                    pg::Params{}.add(tenant).add(e.type).add(e.at).add(e.deleted).add(e.name).add(
                        e.hot_attrs()));
            }
        }
        run("COMMIT");
    }

    const TenantId tenant_ = kDefaultTenant;
    model::TenantCatalogPtr catalog_;
    const std::string conninfo_ = test::TestCluster::shared().make_database();
    pg::Connection connection_ = pg::Connection::open(conninfo_, read_session_settings()).value();
    const SystemClock clock_;
    SearchMemory memory_{clock_};
};

}  // namespace atlas::primary
