// SPDX-License-Identifier: Apache-2.0
#include "primary/entity_list.h"

#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <set>
#include <thread>

#include "primary/cold_values.h"
#include "primary/test_data.h"
#include "query/page_token.h"
#include "testing/eventually.h"

namespace atlas::primary {
namespace {

class EntityListTest : public QueryDatabase {
protected:
    query::ListRequest request(std::string_view filter, std::string_view order_by, int page_size) {
        query::ListRequest request{.tenant = tenant_,
                                   .filter = query::parse_filter(filter).value(),
                                   .filter_text = std::string(filter),
                                   .order = bound_order(order_by, catalog()),
                                   .page_size = page_size,
                                   .page_token = {}};
        EXPECT_TRUE(query::bind_filter(request.filter, catalog()));
        return request;
    }

    std::vector<std::string> all_names(query::ListRequest request) {
        std::vector<std::string> names;
        do {
            const auto page = list_entities(connection_, memory_, request);
            EXPECT_TRUE(page) << page.error().detail;
            if (!page) break;
            EXPECT_LE(static_cast<int>(page->entities.size()), request.page_size);
            for (const auto& entity : page->entities) names.push_back(entity.external_id);
            request.page_token = page->next_page_token;
        } while (!request.page_token.empty());
        return names;
    }

    std::vector<TestEntity> numbered(int count) {
        std::vector<TestEntity> entities;
        for (int i = 0; i < count; ++i) {
            TestEntity e;
            e.name = fmt::format("e{:05}", i);
            e.type = "pump";
            e.at = test_time(i % 7);
            if (i % 3 != 0) e.priority = i % 5;
            if (i % 2 != 0) e.status = i % 10 == 1 ? "online" : "standby";
            entities.push_back(std::move(e));
        }
        return entities;
    }
};

// Goal: every key orders by its value, not by its text, and pages continue there.
TEST_F(EntityListTest, LaterKeysOrderByTheirValues) {
    std::vector<TestEntity> entities;
    for (const int priority : {7, 100, 8, -3, 12}) {
        TestEntity e;
        e.name = std::to_string(priority);
        e.type = "pump";
        e.at = test_time(0);
        e.priority = priority;
        entities.push_back(std::move(e));
    }
    insert(entities);
    const std::vector<std::string> descending{"100", "12", "8", "7", "-3"};
    for (const int page_size : {1, 2, 5}) {
        EXPECT_EQ(all_names(request("", "type, priority desc", page_size)), descending);
        EXPECT_EQ(all_names(request("", "created_at, type, priority desc", page_size)), descending);
    }
}

// Goal: under concurrent changes, entities that do not change are shown exactly once, in every
// order. Every second entity changes all the time.
TEST_F(EntityListTest, PagesNeitherSkipNorRepeatUnderWrites) {
    insert(numbered(300));
    std::atomic<bool> stop{false};
    std::atomic<int> changes{0};
    std::thread writer([&] {
        auto connection = pg::Connection::open(conninfo_, {}).value();
        for (int round = 0; !stop; ++round) {
            const auto changed = connection.exec(
                "UPDATE entity_jsonb j SET updated_at = clock_timestamp(), hot_attrs = CASE WHEN "
                "$1::bigint % 3 = 0 THEN '{}' ELSE jsonb_build_object('priority', $1::bigint % 7, "
                "'status', 'online') END FROM entities e WHERE e.entity_id = j.entity_id AND "
                "e.tenant_id = 2 AND j.tenant_id = 2 AND right(e.external_id, 1)::int % 2 = 0 AND "
                "right(e.external_id, 2)::int % 20 = 2 * ($1::bigint % 10)",
                pg::Params{}.add(std::int64_t{round}));
            if (changed) ++changes;
        }
    });
    for (const std::string_view order : {"", "updated_at", "entity", "entity desc", "priority desc",
                                         "status, priority", "created_at desc", "type"}) {
        const int before = changes;
        EXPECT_TRUE(test::eventually([&] { return changes > before; }));
        std::map<std::string, int> seen;
        for (const std::string& name : all_names(request("", order, 7))) ++seen[name];
        for (int i = 1; i < 300; i += 2) EXPECT_EQ(seen[fmt::format("e{:05}", i)], 1) << order << i;
    }
    stop = true;
    writer.join();
}

TEST_F(EntityListTest, OrderPutsAbsentValuesLastAndIsTotal) {
    insert(numbered(60));
    std::map<std::string, std::optional<std::int64_t>> priority;
    for (const TestEntity& e : numbered(60)) priority[e.name] = e.priority;
    for (const bool descending : {false, true}) {
        const auto names = all_names(request("", descending ? "priority desc" : "priority asc", 7));
        ASSERT_EQ(names.size(), 60U);
        for (std::size_t i = 1; i < names.size(); ++i) {
            const auto a = priority[names[i - 1]];
            const auto b = priority[names[i]];
            EXPECT_TRUE(!b || (a && (descending ? *a >= *b : *a <= *b))) << i;
        }
        EXPECT_EQ(names, all_names(request("", descending ? "priority desc" : "priority", 1000)));
    }
}

// Goal: a page token survives the first fraction of the int attribute that the list is ordered by.
TEST_F(EntityListTest, PagesGoOnWhenAnIntBecomesDouble) {
    insert(numbered(60));
    const auto names = all_names(request("", "priority desc", 100));
    std::vector<std::string> pages;
    auto list = request("", "priority desc", 20);
    for (int page = 0; page < 3; ++page) {
        const auto found = list_entities(connection_, memory_, list);
        ASSERT_TRUE(found) << found.error().detail;
        for (const auto& entity : found->entities) pages.push_back(entity.external_id);
        run("UPDATE tenant_attributes SET type = 'double' WHERE tenant_id = 2 AND type = 'int'");
        list = request("", "priority desc", 20);
        list.page_token = found->next_page_token;
    }
    EXPECT_EQ(list.order.front().type, model::Type::float64);
    EXPECT_EQ(pages, names);
}

// Goal: ints that a double attribute holds, though no double does, compare and sort as the
// nearest doubles: 2^63 - 1 equals 2^63, and comes before it only by its entity.
TEST_F(EntityListTest, WideIntsOfADoubleAreItsNearestDoubles) {
    const std::array<std::pair<const char*, const char*>, 6> values{
        {{"a", "9.223372036854775808e18"},
         {"b", "9223372036854775807"},
         {"c", "9223372036854775806"},
         {"d", "9007199254740993"},
         {"e", "9007199254740992"},
         {"f", "21.5"}}};
    std::vector<TestEntity> entities;
    for (const auto& [name, digits] : values) {
        TestEntity e;
        e.name = name;
        e.type = "pump";
        e.at = test_time(0);
        e.ratio_digits = digits;
        e.ratio_milli = 0;
        entities.push_back(std::move(e));
    }
    insert(entities);
    using Names = std::vector<std::string>;
    const auto found = [&](std::string_view filter) {
        Names names = all_names(request(filter, "entity", 2));
        EXPECT_EQ(all_names(request(filter, "created_at, entity", 2)), names) << filter;
        return names;
    };
    EXPECT_EQ(found("ratio = 9223372036854775807"), (Names{"a", "b", "c"}));
    EXPECT_EQ(found("ratio = (9007199254740993 OR 21.5)"), (Names{"d", "e", "f"}));
    EXPECT_EQ(found("ratio != 9223372036854775808"), (Names{"d", "e", "f"}));
    EXPECT_EQ(found("ratio < 9223372036854775807 AND ratio > 9007199254740992"), Names{});
    EXPECT_EQ(found("NOT ratio >= 9223372036854775807"), (Names{"d", "e", "f"}));
    EXPECT_EQ(found("ratio > 9007199254740991"), (Names{"a", "b", "c", "d", "e"}));
    for (const int page : {1, 2, 100}) {
        EXPECT_EQ(all_names(request("", "ratio desc, entity", page)),
                  (Names{"a", "b", "c", "d", "e", "f"}));
        EXPECT_EQ(all_names(request("", "ratio, entity desc", page)),
                  (Names{"f", "e", "d", "c", "b", "a"}));
    }
}

// Goal: the walk gives way to the index when matches are rare, and both give the same pages. 12,000
// entities are more than the first stretch of the walk.
TEST_F(EntityListTest, RareMatchesAreFoundBehindTheFirstStretch) {
    run("INSERT INTO entities (tenant_id, external_id) SELECT 2, 'x' || i FROM "
        "generate_series(1, 12000) i");
    run("INSERT INTO entity_jsonb (tenant_id, entity_id, hot_attrs, updated_at) SELECT 2, "
        "entity_id, "
        "CASE WHEN substr(external_id, 2)::int > 11900 THEN '{\"status\": \"rare\", \"priority\": "
        "3}' ELSE '{\"status\": \"usual\", \"priority\": 5}' END::jsonb, timestamptz '2026-11-01' "
        "- "
        "substr(external_id, 2)::int * interval '1 s' FROM entities WHERE tenant_id = 2 ON "
        "CONFLICT "
        "(tenant_id, entity_id) DO UPDATE SET hot_attrs = EXCLUDED.hot_attrs, updated_at = "
        "EXCLUDED.updated_at");
    run("ANALYZE entity_jsonb");
    for (const std::string_view filter :
         {"status = \"rare\"", "priority < 4", "NOT status = \"usual\"",
          "status = \"rare\" AND priority:*", "status = (\"rare\" OR \"never*\")"}) {
        query::ListRequest rare = request(filter, "", 30);
        rare.count = query::Count::exact;
        const auto page = list_entities(connection_, memory_, rare);
        ASSERT_TRUE(page) << page.error().detail;
        ASSERT_EQ(page->total_size, 100) << filter;
        EXPECT_EQ(page->entities.front().external_id, "x11901") << filter;
        EXPECT_EQ(all_names(rare).size(), 100U) << filter;
    }
    query::ListRequest usual = request("status = \"usual\"", "", 10);
    usual.count = query::Count::estimated;
    const auto page = list_entities(connection_, memory_, usual);
    ASSERT_TRUE(page);
    EXPECT_GT(page->total_size, 10'000);
    EXPECT_LT(page->total_size, 14'000);
}

// Goal: few matches, ranges only, in a tenant that is soon read as a whole: what the walk found and
// what the search after it finds make the same pages, in both orders that are walked.
TEST_F(EntityListTest, FewMatchesOfARangeAreFoundOnce) {
    run("INSERT INTO entities (tenant_id, external_id) SELECT 2, 'x' || i FROM "
        "generate_series(1, 12000) i");
    run("UPDATE entity_jsonb j SET updated_at = timestamptz '2026-11-01' - n * interval '1 s', "
        "hot_attrs = jsonb_build_object('priority', n % 500) FROM (SELECT entity_id, "
        "substr(external_id, 2)::int AS n FROM entities WHERE tenant_id = 2) e "
        "WHERE j.tenant_id = 2 AND j.entity_id = e.entity_id");
    run("ANALYZE entity_jsonb");
    for (const std::string_view order : {"", "updated_at", "entity", "entity desc"}) {
        const auto names = all_names(request("priority > 498", order, 100));
        EXPECT_EQ(names.size(), 24U) << order;
        EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(), 24U) << order;
        for (const int page_size : {1, 5, 24}) {
            EXPECT_EQ(all_names(request("priority > 498", order, page_size)), names)
                << order << page_size;
        }
    }
    EXPECT_EQ(all_names(request("priority > 498", "", 10)).front(), "x499");
}

// Goal: a page that ends at a long value has a token that a request can carry, and no entity is
// lost among values that differ only after many characters.
TEST_F(EntityListTest, LongSortKeysMakeShortTokens) {
    std::vector<TestEntity> entities = numbered(40);
    for (std::size_t i = 0; i < entities.size(); ++i) {
        std::string text;
        while (text.size() < 20'000) text += i % 4 == 0 ? "Ü" : "a";
        entities[i].status = text + std::to_string(i % 10);
        entities[i].odd = text;
    }
    insert(entities);
    for (const std::string_view order : {"status", "status desc", "status, `odd \"name`, entity"}) {
        query::ListRequest list = request("", order, 7);
        const auto page = list_entities(connection_, memory_, list);
        ASSERT_TRUE(page) << page.error().detail;
        EXPECT_LT(page->next_page_token.size(), 4'096U) << order;
        const auto names = all_names(list);
        EXPECT_EQ(names.size(), 40U) << order;
        EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(), 40U) << order;
        EXPECT_EQ(names, all_names(request("", order, 1000))) << order;
    }
}

TEST_F(EntityListTest, TokenOfAnotherListIsRefused) {
    insert(numbered(30));
    query::ListRequest list = request("priority:*", "priority", 5);
    const auto page = list_entities(connection_, memory_, list);
    ASSERT_TRUE(page);
    list.page_token = page->next_page_token;
    EXPECT_TRUE(list_entities(connection_, memory_, list));
    query::ListRequest other = request("priority:*", "priority desc", 5);
    other.page_token = page->next_page_token;
    EXPECT_EQ(list_entities(connection_, memory_, other).error().code,
              query::ErrorCode::invalid_page_token);
    other = request("priority >= 0", "priority", 5);
    other.page_token = page->next_page_token;
    EXPECT_EQ(list_entities(connection_, memory_, other).error().code,
              query::ErrorCode::invalid_page_token);
    list.tenant = TenantId{77};
    EXPECT_EQ(list_entities(connection_, memory_, list).error().code,
              query::ErrorCode::invalid_page_token);
}

class ColdValues : public EntityListTest {
protected:
    void SetUp() override {
        QueryDatabase::SetUp();
        declare({{"pressure", "double"}, {"note", "string"}}, false);
        // A month that has a day continues with days: the values lie in two partitions at all
        // times.
        run("SELECT atlas_attach_partition('observations_p20261120', '2026-11-20', '2026-11-21')");
        run("SELECT atlas_ensure_partitions(ARRAY['2026-11-21']::date[])");
        insert(numbered(2));
        const auto& catalog = this->catalog();
        pressure_ = *catalog.find("pressure");
        note_ = *catalog.find("note");
        for (const auto& page = list_entities(connection_, memory_, request("", "entity", 10));
             const auto& entity : page->entities) {
            entities_.push_back(entity);
        }
    }

    void observe(std::size_t entity, Time at, std::string_view pressure, std::string_view note) {
        std::string attrs;
        if (!pressure.empty()) attrs += std::to_string(pressure_.id.value);
        if (!note.empty()) attrs += (attrs.empty() ? "" : ",") + std::to_string(note_.id.value);
        const auto array = [](std::string_view value, std::string_view type) {
            return value.empty() ? "NULL" : fmt::format("ARRAY[{}]::{}[]", value, type);
        };
        run(fmt::format("INSERT INTO observations VALUES (2, $1::bigint, $2, $2, NULL, ARRAY[{}], "
                        "NULL, {}, NULL, {})",
                        attrs, array(pressure, "float8"), array(note, "text")),
            pg::Params{}.add(entities_[entity].id.value).add(at));
    }

    model::Attribute pressure_;
    model::Attribute note_;
    std::vector<EntityState> entities_;
    storage::ShapeRegistry shapes_{clock_};
    query::Snapshot snapshot_;
};

TEST_F(ColdValues, LatestWithinTheWindowAndRemovedOnesAreGone) {
    observe(0, test_time(-20), "1.5", "'old'");
    observe(0, test_time(-2), "2.5", "");
    observe(0, test_time(-1), "", "NULL");
    observe(1, test_time(-20), "7", "'far'");
    const auto added = add_cold_values(connection_, shapes_, tenant_, {pressure_, note_},
                                       test_time(-10), test_time(1), entities_, snapshot_);
    ASSERT_TRUE(added) << added.error().detail;
    ASSERT_EQ(entities_[0].cold.size(), 1U);
    EXPECT_EQ(entities_[0].cold[0].json, "2.5");
    EXPECT_EQ(entities_[0].cold[0].at, test_time(-2));
    EXPECT_TRUE(entities_[1].cold.empty());
}

TEST_F(ColdValues, EverythingStopsAtABoundAndSaysSo) {
    observe(0, test_time(-2), "1", "'behind the bound'");
    run("INSERT INTO observations SELECT 2, $1::bigint, $2 + i * interval '1 s', $2, NULL, "
        "ARRAY[$3::int], NULL, ARRAY[i], NULL, NULL FROM generate_series(1, 500) i",
        pg::Params{}
            .add(entities_[0].id.value)
            .add(test_time(-1))
            .add(std::int64_t{pressure_.id.value}));
    observe(1, test_time(-2), "1", "'there'");
    const auto added = add_all_cold_values(connection_, shapes_, catalog(), test_time(-10),
                                           test_time(1), entities_, snapshot_);
    ASSERT_TRUE(added) << added.error().detail;
    ASSERT_EQ(entities_[0].cold.size(), 1U);
    EXPECT_EQ(entities_[0].cold[0].json, "500");
    EXPECT_EQ(entities_[0].truncated_at, test_time(-1) + Micros{1'000'000});
    EXPECT_EQ(entities_[1].cold.size(), 2U);
    EXPECT_FALSE(entities_[1].truncated_at);
}

TEST_F(ColdValues, LastObservedIsThatOfTheLastDay) {
    observe(0, test_time(-20), "1", "");
    observe(0, test_time(-12), "1", "");
    run("UPDATE entity_jsonb SET last_day = '2026-11-20' WHERE tenant_id = 2 AND entity_id = "
        "$1::bigint",
        pg::Params{}.add(entities_[0].id.value));
    auto page = list_entities(connection_, memory_, request("", "entity", 10));
    ASSERT_TRUE(page);
    ASSERT_TRUE(add_last_observed(connection_, tenant_, page->entities, snapshot_));
    EXPECT_EQ(page->entities[0].last_observed_at, test_time(-12));
    EXPECT_EQ(page->entities[1].last_observed_at, std::nullopt);
    EntityGetter getter(now());
    for (int i = 0; i < 3; ++i) {
        const auto one = getter.get(connection_, tenant_, "e00000");
        ASSERT_TRUE(one) << one.error().detail;
        EXPECT_EQ(one->entity.last_observed_at, test_time(-12));
        EXPECT_EQ(getter.get(connection_, tenant_, "e00001")->entity.last_observed_at,
                  std::nullopt);
    }
    EXPECT_EQ(getter.get(connection_, tenant_, "e9").error().code,
              query::ErrorCode::entity_not_found);
    EXPECT_EQ(getter.get(connection_, TenantId{1}, "e00000").error().code,
              query::ErrorCode::entity_not_found);
}

}  // namespace
}  // namespace atlas::primary
