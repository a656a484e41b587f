// SPDX-License-Identifier: Apache-2.0
//
// What the live index answers, against a list of plain values that is searched and sorted.
#include <gtest/gtest.h>

#include <algorithm>

#include "index/test_fleet_questions.h"
#include "query/place.h"
#include "testing/rounds.h"

namespace atlas::index {
namespace {

class IndexReaderProperty : public ::testing::Test {
protected:
    void fill(std::int64_t count, bool distinct) {
        for (std::int64_t i = 0; i < count; ++i) {
            entities_[i + 1] = random_.entity(i + 1, distinct);
            put(fleet_.index, entities_[i + 1]);
        }
        commit();
    }

    // A transaction of changes, removals and new entities.
    void change(bool distinct) {
        const auto changes = 1 + random_.pick(200);
        for (std::int64_t i = 0; i < changes; ++i) {
            auto at = entities_.lower_bound(random_.pick(next_ + 1));
            if (random_.pick(10) == 0 || at == entities_.end()) {
                ++next_;
                entities_[next_] = random_.entity(next_, distinct);
                put(fleet_.index, entities_[next_]);
            } else if (random_.pick(10) == 0) {
                fleet_.index.remove_state(kDefaultTenant, EntityId{at->first});
                fleet_.index.remove_entity(kDefaultTenant, EntityId{at->first});
                entities_.erase(at);
            } else {
                random_.change(at->second, distinct);
                put(fleet_.index, at->second);
            }
        }
        commit();
    }

    void commit() { fleet_.index.commit(end_of(++lsn_)); }

    query::ListRequest request(const std::string& filter, const std::string& order) {
        query::ListRequest list{.tenant = kDefaultTenant, .filter_text = filter};
        auto parsed = query::parse_filter(filter);
        EXPECT_TRUE(parsed) << filter << ": " << parsed.error().detail;
        if (parsed) list.filter = std::move(*parsed);
        list.order = query::parse_order(order).value();
        list.count = query::Count::exact;
        return list;
    }

    // Everything it finds, page by page.
    std::vector<std::string> find(query::ListRequest list) {
        std::vector<std::string> names;
        do {
            const auto page = fleet_.reader.list(list);
            EXPECT_TRUE(page) << list.filter_text << ": " << page.error().detail;
            if (!page) return names;
            for (const query::Entity& entity : page->entities) {
                names.push_back(entity.external_id);
                check(entity);
            }
            total_ = page->total_size.value();
            list.page_token = page->next_page_token;
        } while (!list.page_token.empty());
        return names;
    }

    // That an entity is shown as it is.
    void check(const query::Entity& shown) {
        const auto id = std::stoll(shown.external_id.substr(shown.external_id.rfind('#') + 1));
        const FleetEntity& e = entities_.at(id);
        EXPECT_EQ(shown.external_id, e.name);
        EXPECT_EQ(shown.type, e.type);
        EXPECT_EQ(shown.created_at, e.created);
        EXPECT_EQ(shown.updated_at, e.updated);
        std::vector<std::pair<std::string, std::string>> values;
        for (const query::ShownValue& value : shown.values) {
            values.emplace_back(value.name, value.json);
            EXPECT_EQ(value.at, e.updated);
        }
        EXPECT_EQ(values, e.members());
    }

    void compare(std::uint64_t round) {
        const FleetFilter filter = filters_.filter(static_cast<int>(round % 4));
        const FleetOrder order = orders_.order();
        std::vector<FleetEntity> matching;
        for (const auto& [id, entity] : entities_) {
            if (!entity.retired && filter.truth(entity)) matching.push_back(entity);
        }
        std::ranges::sort(matching, order);
        std::vector<std::string> expected;
        for (const FleetEntity& entity : matching) expected.push_back(entity.name);
        auto list = request(filter.text, order.text);
        list.page_size = round % 3 == 0 ? 7 : 1000;
        if (list.page_size == 7 && expected.size() > 200) list.page_size = 97;
        ASSERT_EQ(find(list), expected) << filter.text << " by " << order.text;
        EXPECT_EQ(total_, static_cast<std::int64_t>(expected.size()));
    }

    void run(std::int64_t size, bool distinct, std::uint64_t rounds) {
        next_ = size;
        fill(size, distinct);
        for (std::uint64_t round = 0; round < test::rounds_or(rounds); ++round) {
            SCOPED_TRACE(fmt::format("ATLAS_SEED={} round {}", seed_, round));
            compare(round);
            if (HasFailure()) return;
            if (round % 3 == 2) change(distinct);
        }
    }

    const std::uint64_t seed_ = test::seed_or(4711);
    Fleet fleet_;
    FleetRandom random_{seed_};
    FleetFilters filters_{seed_ + 1};
    FleetOrders orders_{seed_ + 2};
    std::map<std::int64_t, FleetEntity> entities_;
    std::int64_t next_ = 0;
    std::uint64_t lsn_ = 0;
    std::int64_t total_ = 0;
};

// Goal: random filters in random orders find exactly the entities they mean, in that order,
// whatever the size of the pages, while entities come, change and go.
TEST_F(IndexReaderProperty, FewValuesFindWhatTheyMean) {
    run(250, false, 400);
}

// The same where columns hold numbers instead of codes, and rows fill several blocks.
TEST_F(IndexReaderProperty, ManyValuesFindWhatTheyMean) {
    run(2500, true, 30);
}

}  // namespace
}  // namespace atlas::index
