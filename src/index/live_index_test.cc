// SPDX-License-Identifier: Apache-2.0
//
// Transactions of the live index: what readers see of them, and when.
#include "index/live_index.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "index/test_fleet.h"

namespace atlas::index {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

class LiveIndexTest : public ::testing::Test {
protected:
    static FleetEntity entity(std::int64_t id, std::optional<std::string> status = "on") {
        return {.id = id,
                .name = "e" + std::to_string(id),
                .type = "pump",
                .created = fleet_time(1),
                .updated = fleet_time(id),
                .status = std::move(status)};
    }
    void add(std::int64_t id, std::optional<std::string> status = "on") {
        put(fleet_.index, entity(id, std::move(status)));
    }
    void commit() { fleet_.index.commit(end_of(++lsn_)); }

    std::vector<std::string> names(const std::string& filter = "",
                                   const std::string& order = "entity") {
        query::ListRequest list{.tenant = kDefaultTenant, .filter_text = filter};
        list.filter = query::parse_filter(filter).value();
        list.order = query::parse_order(order).value();
        const auto page = fleet_.reader.list(list);
        std::vector<std::string> found;
        if (!page) return {page.error().detail};
        for (const query::Entity& one : page->entities) found.push_back(one.external_id);
        return found;
    }

    query::Answer<query::EntityAnswer> get(const std::string& name) {
        return fleet_.reader.get({.tenant = kDefaultTenant, .entity = name});
    }

    std::string code(const std::string& name) {
        const auto answer = get(name);
        return answer ? "found" : std::string(query::to_string(answer.error().code));
    }

    Fleet fleet_;
    std::uint64_t lsn_ = 0;
};

TEST_F(LiveIndexTest, ShowsATransactionWhenItIsCommitted) {
    add(1);
    commit();
    add(2);
    add(3);
    EXPECT_THAT(names(), ElementsAre("e1"));
    EXPECT_EQ(code("e2"), "not_held");
    commit();
    EXPECT_THAT(names(), ElementsAre("e1", "e2", "e3"));
    EXPECT_EQ(get("e2")->snapshot.position.lsn.value, 2U);
    EXPECT_EQ(get("e2")->snapshot.holds.lsn.value, 2U);
    fleet_.index.advance(end_of(9));
    EXPECT_EQ(get("e2")->snapshot.position.lsn.value, 9U);
}

TEST_F(LiveIndexTest, ForgetsATransactionThatIsAborted) {
    add(1);
    commit();
    add(1, "off");
    add(2, "off");
    fleet_.index.abort();
    commit();
    EXPECT_THAT(names("status = \"on\""), ElementsAre("e1"));
    EXPECT_THAT(names("status = \"off\""), IsEmpty());
    add(2, "off");
    commit();
    EXPECT_THAT(names("status = \"off\""), ElementsAre("e2"));
}

TEST_F(LiveIndexTest, RetiredEntitiesAreSaidToBeAndComeBackWithTheirValues) {
    add(1);
    commit();
    const auto retire = [this](bool retired) {
        FleetEntity one = entity(1);
        one.retired = retired;
        fleet_.index.put(EntityRow{.tenant = kDefaultTenant,
                                   .entity = EntityId{1},
                                   .external_id = one.name,
                                   .type = one.type,
                                   .created_at = one.created,
                                   .deleted = retired});
        fleet_.index.put(StateRow{.tenant = kDefaultTenant,
                                  .entity = EntityId{1},
                                  .updated_at = fleet_time(7),
                                  .deleted = retired});
        commit();
    };
    retire(true);
    EXPECT_THAT(names(), IsEmpty());
    EXPECT_EQ(code("e1"), "entity_deleted");
    retire(false);
    EXPECT_THAT(names("status = \"on\""), ElementsAre("e1"));
    EXPECT_EQ(get("e1")->entity.updated_at, fleet_time(7));
}

TEST_F(LiveIndexTest, RowsOfRemovedEntitiesAreUsedAgain) {
    std::size_t before = 0;
    for (int round = 0; round < 20; ++round) {
        for (std::int64_t i = 1; i <= 500; ++i) add(round * 1000 + i, std::to_string(i % 7));
        commit();
        EXPECT_EQ(fleet_.index.usage().entities, 500);
        for (std::int64_t i = 1; i <= 500; ++i) {
            fleet_.index.remove_state(kDefaultTenant, EntityId{round * 1000 + i});
            fleet_.index.remove_entity(kDefaultTenant, EntityId{round * 1000 + i});
        }
        commit();
        EXPECT_THAT(names(), IsEmpty());
        if (round == 1) before = fleet_.index.usage().bytes;
    }
    EXPECT_LT(fleet_.index.usage().bytes, before + before / 4);
}

TEST_F(LiveIndexTest, ColumnsComeAndGoWithTheirValues) {
    add(1, std::nullopt);
    commit();
    EXPECT_THAT(names("status:*"), IsEmpty());
    add(1, "on");
    commit();
    EXPECT_THAT(names("status:*"), ElementsAre("e1"));
    const std::size_t with = fleet_.index.usage().bytes;
    add(1, std::nullopt);
    commit();
    EXPECT_THAT(names("status:*"), IsEmpty());
    EXPECT_LT(fleet_.index.usage().bytes, with);
    EXPECT_THAT(get("e1")->entity.values, IsEmpty());
}

TEST_F(LiveIndexTest, AValueThatDoesNotFitAColumnOfNumbersBringsItsDictionaryBack) {
    for (std::int64_t i = 1; i <= 2000; ++i) {
        FleetEntity one = entity(i);
        one.priority = i;
        put(fleet_.index, one);
    }
    commit();
    EXPECT_THAT(names("priority >= 1999"), ElementsAre("e1999", "e2000"));
    const auto put_json = [this](std::int64_t id, std::string_view json) {
        const HotValue value{.name = "priority", .json = json, .text = json};
        fleet_.index.put(StateRow{.tenant = kDefaultTenant,
                                  .entity = EntityId{id},
                                  .updated_at = fleet_time(id),
                                  .values = std::span(&value, 1)});
    };
    put_json(1, "5000");
    put_json(2, "1999.5");
    put_json(3, "6000");
    commit();
    EXPECT_THAT(names("priority >= 1999"), ElementsAre("e1", "e1999", "e2", "e2000", "e3"));
    EXPECT_THAT(names("priority = 1999.5"), ElementsAre("e2"));
    EXPECT_EQ(get("e2")->entity.values.front().json, "1999.5");
}

TEST_F(LiveIndexTest, TheNewestObservationIsKeptAndLookedUpOnce) {
    const Day today = day_of(fleet_time(0));
    const Time noon = Time{today} + std::chrono::hours{12};
    const auto state = [&](std::int64_t id, std::optional<Day> day) {
        add(id);
        fleet_.index.put(StateRow{.tenant = kDefaultTenant,
                                  .entity = EntityId{id},
                                  .updated_at = fleet_time(id),
                                  .last_day = day});
    };
    state(1, std::nullopt);
    state(2, today);
    state(3, today);
    commit();
    fleet_.observations.newest[2] = noon;
    EXPECT_EQ(get("e1")->entity.last_observed_at, std::nullopt);
    EXPECT_EQ(fleet_.observations.asked, 0);
    EXPECT_EQ(get("e2")->entity.last_observed_at, noon);
    EXPECT_EQ(fleet_.observations.asked, 1);
    fleet_.index.advance(end_of(50));
    EXPECT_EQ(get("e2")->entity.last_observed_at, noon);
    EXPECT_EQ(fleet_.observations.asked, 1);

    // One of the same day may not be the newest, but nothing earlier is; one of a later day is,
    // and so is one that is later than what is known.
    fleet_.index.observed(kDefaultTenant, EntityId{3}, noon);
    fleet_.index.observed(kDefaultTenant, EntityId{2}, noon - std::chrono::hours{1});
    fleet_.index.observed(kDefaultTenant, EntityId{1}, noon);
    commit();
    EXPECT_EQ(get("e2")->entity.last_observed_at, noon);
    EXPECT_EQ(get("e1")->entity.last_observed_at, noon);
    EXPECT_EQ(get("e3")->entity.last_observed_at, noon);
    EXPECT_EQ(fleet_.observations.asked, 2);
    const Time tomorrow = noon + std::chrono::days{1};
    fleet_.index.put(StateRow{.tenant = kDefaultTenant,
                              .entity = EntityId{3},
                              .updated_at = fleet_time(3),
                              .last_day = day_of(tomorrow)});
    fleet_.index.observed(kDefaultTenant, EntityId{3}, tomorrow);
    commit();
    EXPECT_EQ(get("e3")->entity.last_observed_at, tomorrow);
    EXPECT_EQ(fleet_.observations.asked, 2);
}

// Goal: what the database said before it showed an observation that the log has does not count as
// the newest.
TEST_F(LiveIndexTest, ALateReplyOfTheDatabaseHidesNoObservation) {
    const Day today = day_of(fleet_time(0));
    const Time noon = Time{today} + std::chrono::hours{12};
    const Time morning = noon - std::chrono::hours{4};
    for (std::int64_t id = 1; id <= 3; ++id) {
        add(id);
        fleet_.index.put(StateRow{.tenant = kDefaultTenant,
                                  .entity = EntityId{id},
                                  .updated_at = fleet_time(id),
                                  .last_day = today});
    }
    commit();
    // Seen while the database was asked, and before its reply is applied.
    fleet_.index.observed(kDefaultTenant, EntityId{1}, noon);
    fleet_.index.observed(kDefaultTenant, EntityId{1}, morning);
    fleet_.index.learned(kDefaultTenant, EntityId{1}, today, morning);
    commit();
    EXPECT_EQ(get("e1")->entity.last_observed_at, noon);
    EXPECT_EQ(fleet_.observations.asked, 0);
    // Seen before the database was asked, which does not show it yet, or has a later one.
    for (const std::int64_t id : {2, 3}) {
        fleet_.index.observed(kDefaultTenant, EntityId{id}, noon);
    }
    commit();
    fleet_.observations.newest[2] = morning;
    fleet_.observations.newest[3] = noon + std::chrono::hours{1};
    for (int i = 0; i < 2; ++i) {
        EXPECT_EQ(get("e2")->entity.last_observed_at, noon);
        EXPECT_EQ(get("e3")->entity.last_observed_at, noon + std::chrono::hours{1});
        fleet_.index.advance(end_of(50));
    }
    EXPECT_EQ(fleet_.observations.asked, 2);
    // A reply about a day that is over, and one about an entity that is gone.
    fleet_.index.put(StateRow{.tenant = kDefaultTenant,
                              .entity = EntityId{2},
                              .updated_at = fleet_time(2),
                              .last_day = today + std::chrono::days{1}});
    fleet_.index.remove_state(kDefaultTenant, EntityId{3});
    commit();
    fleet_.index.learned(kDefaultTenant, EntityId{2}, today, noon);
    fleet_.index.learned(kDefaultTenant, EntityId{3}, today, noon);
    fleet_.index.put(
        StateRow{.tenant = kDefaultTenant, .entity = EntityId{3}, .updated_at = fleet_time(3)});
    commit();
    fleet_.observations.newest.clear();
    EXPECT_EQ(get("e2")->entity.last_observed_at, std::nullopt);
    EXPECT_EQ(get("e3")->entity.last_observed_at, std::nullopt);
}

// Goal: that history has nothing of the day is remembered, until something of it is seen.
TEST_F(LiveIndexTest, ThatThereIsNoObservationIsLookedUpOnce) {
    const Day today = day_of(fleet_time(0));
    const Time noon = Time{today} + std::chrono::hours{12};
    for (std::int64_t id = 1; id <= 2; ++id) {
        add(id);
        fleet_.index.put(StateRow{.tenant = kDefaultTenant,
                                  .entity = EntityId{id},
                                  .updated_at = fleet_time(id),
                                  .last_day = today});
    }
    commit();
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(get("e1")->entity.last_observed_at, std::nullopt);
        fleet_.index.advance(end_of(50));
    }
    EXPECT_EQ(fleet_.observations.asked, 1);
    fleet_.index.observed(kDefaultTenant, EntityId{1}, noon - std::chrono::days{1});
    commit();
    EXPECT_EQ(get("e1")->entity.last_observed_at, std::nullopt);
    fleet_.index.observed(kDefaultTenant, EntityId{1}, noon);
    // One that was seen while the database said that it has none.
    fleet_.index.observed(kDefaultTenant, EntityId{2}, noon);
    fleet_.index.learned(kDefaultTenant, EntityId{2}, today, std::nullopt);
    commit();
    EXPECT_EQ(get("e1")->entity.last_observed_at, noon);
    EXPECT_EQ(get("e2")->entity.last_observed_at, noon);
    EXPECT_EQ(fleet_.observations.asked, 1);
    fleet_.index.learned(kDefaultTenant, EntityId{2}, today, std::nullopt);
    commit();
    EXPECT_EQ(get("e2")->entity.last_observed_at, noon);
}

TEST_F(LiveIndexTest, TenantsAreLeftOutTakenInAndRemoved) {
    add(1);
    put(fleet_.index, entity(5), TenantId{7});
    commit();
    EXPECT_EQ(fleet_.index.tenants().size(), 2U);
    fleet_.index.leave_out(kDefaultTenant);
    const auto use = [this] { return fleet_.index.tenants().front(); };
    EXPECT_EQ(use().last_read, Time{});
    fleet_.clock.advance(std::chrono::seconds{5});
    EXPECT_EQ(code("e1"), "not_held");
    EXPECT_EQ(use().last_read, fleet_.clock.system());
    add(2);
    commit();
    EXPECT_TRUE(use().left_out);
    fleet_.index.take_in(kDefaultTenant);
    commit();
    add(3);
    commit();
    EXPECT_FALSE(use().left_out);
    EXPECT_EQ(code("e3"), "not_held");
    EXPECT_EQ(fleet_.index.usage().left_out, 1);
    fleet_.index.show(kDefaultTenant);
    fleet_.index.show(TenantId{8});
    EXPECT_EQ(fleet_.index.usage().left_out, 0);
    EXPECT_THAT(names(), ElementsAre("e3"));
    fleet_.index.remove_tenant(kDefaultTenant);
    EXPECT_THAT(names(), ElementsAre("e3"));
    commit();
    EXPECT_EQ(code("e3"), "not_held");
    EXPECT_EQ(fleet_.index.usage().tenants, 1);
    fleet_.index.clear();
    EXPECT_EQ(fleet_.index.usage().tenants, 0);
}

TEST_F(LiveIndexTest, WhatItDoesNotHaveIsNotHeld) {
    add(1);
    commit();
    query::GetRequest get{.tenant = kDefaultTenant, .entity = "e1"};
    const auto code_of = [&](std::vector<std::string> shown) {
        get.shown.names = query::NameList{.names = std::move(shown)};
        const auto answer = fleet_.reader.get(get);
        return answer ? "found" : std::string(query::to_string(answer.error().code));
    };
    EXPECT_EQ(code_of({"status"}), "found");
    EXPECT_EQ(code_of({"status", "pressure"}), "not_held");
    EXPECT_EQ(code_of({"unknown"}), "not_held");
    EXPECT_THAT(names("pressure > 1"), ElementsAre(::testing::HasSubstr("cold")));
    EXPECT_THAT(names("status = 7"), ElementsAre(::testing::HasSubstr("text in quotes")));
    fleet_.catalogs.catalog = nullptr;
    EXPECT_EQ(code("e1"), "not_held");
}

TEST_F(LiveIndexTest, RenamedAndDroppedAttributesAreShownAsTheCatalogHasThem) {
    add(1, "old");
    add(2, "both");
    commit();
    const HotValue values[] = {{.name = "state", .json = "\"new\"", .text = "new"},
                               {.name = "status", .json = "\"both\"", .text = "both"}};
    fleet_.index.put(StateRow{.tenant = kDefaultTenant,
                              .entity = EntityId{2},
                              .updated_at = fleet_time(2),
                              .values = values});
    commit();
    model::Attribute state;
    state.id = AttributeId{1};
    state.name = "state";
    state.old_name = "status";
    state.hot = true;
    fleet_.catalogs.catalog = model::TenantCatalogPtr{
        new model::TenantCatalog(kDefaultTenant, 1, 1, true, std::vector<model::Attribute>{state})};
    const auto shown = [this](const std::string& name) {
        std::vector<std::pair<std::string, std::string>> all;
        const auto answer = get(name);
        for (const query::ShownValue& value : answer->entity.values) {
            all.emplace_back(value.name, value.json);
        }
        return all;
    };
    EXPECT_THAT(shown("e1"), ElementsAre(Pair("state", "\"old\"")));
    EXPECT_THAT(shown("e2"), ElementsAre(Pair("state", "\"new\"")));
    // As primary/filter_sql.cc: a filter by the new name finds what is still under the old one
    // first.
    EXPECT_THAT(names("state = \"old\""), ElementsAre("e1"));
    EXPECT_THAT(names("state = \"both\""), ElementsAre("e2"));
    EXPECT_THAT(names("state = \"new\""), IsEmpty());
    EXPECT_THAT(names("status = \"new\""), ElementsAre("e2"));
    EXPECT_THAT(names("", "state desc"), ElementsAre("e1", "e2"));
    fleet_.catalogs.catalog = model::TenantCatalogPtr{
        new model::TenantCatalog(kDefaultTenant, 1, 1, true, {}, 0, {}, {"status"})};
    EXPECT_THAT(shown("e2"), ElementsAre(Pair("state", "\"new\"")));
}

TEST_F(LiveIndexTest, FacetsCountTheValuesOfWhatMatches) {
    for (std::int64_t i = 1; i <= 3000; ++i) {
        FleetEntity one = entity(i, i % 3 == 0 ? std::nullopt : std::optional(std::string("on")));
        if (i % 3 == 1) one.status = "off";
        one.priority = i % 5;
        one.size = i;
        put(fleet_.index, one);
    }
    commit();
    query::FacetsRequest request{.tenant = kDefaultTenant};
    request.filter = query::parse_filter("priority < 2").value();
    request.names = query::NameList{.names = {"status", "priority", "größe", "extra"}};
    request.limit = 2;
    const auto answer = fleet_.reader.facets(request);
    ASSERT_TRUE(answer) << answer.error().detail;
    EXPECT_EQ(answer->total_size, 1200);
    const auto values = [&](std::size_t facet) {
        std::vector<std::pair<std::string, std::int64_t>> all;
        for (const auto& value : answer->facets[facet].values) {
            all.emplace_back(value.json, value.count);
        }
        return all;
    };
    EXPECT_THAT(values(0), ElementsAre(Pair("\"off\"", 400), Pair("\"on\"", 400)));
    EXPECT_EQ(answer->facets[0].absent, 400);
    EXPECT_THAT(values(1), ElementsAre(Pair("0", 600), Pair("1", 600)));
    EXPECT_EQ(values(2).size(), 2U);
    EXPECT_EQ(answer->facets[2].other, 1198);
    EXPECT_THAT(values(3), IsEmpty());
    EXPECT_EQ(answer->facets[3].absent, 1200);
}

// Goal: readers see transactions whole, while the writer goes on.
// Method: each transaction gives every entity a new status, some entities a new row and a new
// column a value; a reader never finds two statuses. No transaction waits for a reader that stays.
TEST_F(LiveIndexTest, ReadersNeverSeeHalfATransaction) {
    constexpr std::int64_t kEntities = 1500;
    constexpr int kTransactions = 150;
    const auto transaction = [&](int number) {
        for (std::int64_t i = 1; i <= kEntities; ++i) {
            FleetEntity one = entity(i, "s" + std::to_string(number));
            one.updated = fleet_time(number);
            if (number % 2 == 0) one.priority = number * kEntities + i;
            put(fleet_.index, one);
        }
        const auto extra = kEntities + 1 + number;
        add(extra, "s" + std::to_string(number));
        if (number > 0) {
            fleet_.index.remove_state(kDefaultTenant, EntityId{extra - 1});
            fleet_.index.remove_entity(kDefaultTenant, EntityId{extra - 1});
        }
        commit();
    };
    transaction(0);
    std::atomic<bool> done{false};
    std::atomic<int> reads{0};
    const auto read = [&] {
        query::FacetsRequest facets{.tenant = kDefaultTenant};
        facets.names = query::NameList{.names = {"status"}};
        query::ListRequest list{.tenant = kDefaultTenant};
        list.order = query::parse_order("priority desc, entity").value();
        do {
            const auto counts = fleet_.reader.facets(facets);
            ASSERT_TRUE(counts) << counts.error().detail;
            ASSERT_EQ(counts->facets.front().values.size(), 1U);
            ASSERT_EQ(counts->facets.front().values.front().count, kEntities + 1);
            const auto page = fleet_.reader.list(list);
            ASSERT_TRUE(page) << page.error().detail;
            ASSERT_EQ(page->entities.size(), 100U);
            const auto status = page->entities.front().values.front().json;
            for (const query::Entity& one : page->entities) {
                ASSERT_EQ(one.values.front().json, status);
            }
            reads.fetch_add(1);
        } while (!done);
    };
    std::vector<std::thread> readers;
    for (int i = 0; i < 3; ++i) readers.emplace_back(read);
    for (int number = 1; number <= kTransactions; ++number) transaction(number);
    while (reads.load() < 10 && !HasFailure()) std::this_thread::yield();
    done = true;
    for (std::thread& reader : readers) reader.join();
    EXPECT_GT(fleet_.index.usage().copied_bytes, 0U);
}

}  // namespace
}  // namespace atlas::index
