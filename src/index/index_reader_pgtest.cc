// SPDX-License-Identifier: Apache-2.0
//
// Goal: a list is the same, to the byte, whether the primary or the live index responds, and a page
// token of one is good at the other.
// Method: random current state, some of it of types that the catalog does not say (any more), read
// into the index from the same rows; then random filters and orders, each page from both.
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>

#include "index/test_fleet_questions.h"
#include "pg/binary_result.h"
#include "primary/primary_reader.h"
#include "storage/hot_state.h"
#include "testing/rounds.h"
#include "testing/test_cluster.h"

namespace atlas::index {
namespace {

class IndexSourceProperty : public ::testing::Test {
protected:
    void SetUp() override {
        const std::pair<const char*, const char*> attributes[] = {
            {"status", "string"}, {"priority", "int"},    {"ratio", "double"},
            {"price", "decimal"}, {"enabled", "bool"},    {"since", "timestamp"},
            {"extra", "json"},    {"odd name", "string"}, {"type", "int"},
            {"größe", "int"}};
        for (const auto& [name, type] : attributes) {
            run("WITH a AS (INSERT INTO attributes (attribute_name, type) VALUES ($1, $2) "
                "RETURNING attribute_id) INSERT INTO tenant_attributes (tenant_id, attribute_id, "
                "type, is_hot) SELECT $3::bigint, attribute_id, $2, true FROM a",
                pg::Params{}.add(name).add(type).add(kDefaultTenant.value));
        }
        fleet_.catalogs.catalog = catalog_.get(connection_, kDefaultTenant).value();
    }

    pg::Rows run(std::string_view sql, const pg::Params& params = {}) {
        auto done = connection_.exec(sql, params);
        EXPECT_TRUE(done) << sql << ": " << done.error().message;
        return std::move(*done);
    }

    // What a change of an attribute's type leaves for a while.
    std::string strange_state() {
        static const char* const kStates[] = {
            R"({"priority": "7", "status": 7.5, "since": "later"})",
            R"({"priority": 7.5, "ratio": "x", "enabled": "true", "status": true})",
            R"({"ratio": 9007199254740993, "price": 1e30, "odd name": 12})",
            R"({"ratio": 0.1000000000000000055, "price": 0.10, "status": {"a": 1}})",
            R"({"since": 5, "größe": true, "enabled": 1})"};
        return kStates[random_.pick(5)];
    }

    static std::string state_of(const FleetEntity& entity) {
        std::string json = "{";
        for (const auto& [name, value] : entity.members()) {
            if (json.size() > 1) json += ',';
            append_json_string(json, name);
            json += ':' + value;
        }
        return json + '}';
    }

    void insert(std::int64_t count, bool distinct) {
        run("BEGIN");
        for (std::int64_t i = 1; i <= count; ++i) {
            FleetEntity e = random_.entity(i, distinct);
            // The database takes no control characters in external ids.
            std::ranges::replace_if(e.name, [](unsigned char c) { return c < 0x20; }, '?');
            const std::string state = random_.pick(20) == 0 ? strange_state() : state_of(e);
            run("WITH e AS (INSERT INTO entities (tenant_id, entity_type, created_at, is_deleted, "
                "external_id) VALUES ($1::bigint, $2, $3, $4::boolean, $5) RETURNING entity_id) "
                "INSERT INTO entity_jsonb (entity_id, tenant_id, hot_attrs, hot_at, updated_at, "
                "is_deleted) SELECT entity_id, $1, $6::jsonb, '{\"status\": 1795255200000001}', "
                "$7, $4 FROM e",
                pg::Params{}
                    .add(kDefaultTenant.value)
                    .add(e.type)
                    .add(e.created)
                    .add(e.retired)
                    .add(e.name)
                    .add(state)
                    .add(e.updated));
        }
        run("COMMIT");
        run("ANALYZE entities, entity_jsonb");
    }

    // As the feed of the index does from rows.
    void load() {
        const auto rows =
            run("SELECT e.entity_id, e.external_id, e.entity_type::text, "
                "(extract(epoch from e.created_at) * 1000000)::bigint, e.is_deleted, "
                "(extract(epoch from h.updated_at) * 1000000)::bigint, h.hot_attrs::text "
                "FROM entities e JOIN entity_jsonb h USING (tenant_id, entity_id) "
                "WHERE tenant_id = 2 ORDER BY md5(e.external_id)");
        for (int row = 0; row < rows.size(); ++row) {
            const EntityId entity{std::stoll(std::string(rows.text(row, 0)))};
            const auto time = [&](int column) {
                return time_from_micros(std::stoll(std::string(rows.text(row, column))));
            };
            const bool retired = rows.text(row, 4) == "t";
            fleet_.index.put(EntityRow{.tenant = kDefaultTenant,
                                       .entity = entity,
                                       .external_id = rows.text(row, 1),
                                       .type = rows.text(row, 2),
                                       .created_at = time(3),
                                       .deleted = retired});
            std::deque<std::array<std::string, 3>> kept;
            std::vector<HotValue> values;
            storage::for_each_member(rows.text(row, 6), [&](const storage::HotMember& member) {
                const auto& [name, json, text] = kept.emplace_back(std::array{
                    std::string(member.name), std::string(member.json), std::string(member.text)});
                values.push_back({.name = name, .json = json, .text = text});
            });
            const HotInstant instant{.name = "status",
                                     .at = time_from_micros(1'795'255'200'000'001)};
            fleet_.index.put(StateRow{.tenant = kDefaultTenant,
                                      .entity = entity,
                                      .updated_at = time(5),
                                      .deleted = retired,
                                      .values = values,
                                      .instants = std::span(&instant, 1)});
        }
        fleet_.index.commit(end_of(1));
    }

    static std::string text_of(const query::EntityPage& page) {
        std::string text;
        for (const query::Entity& e : page.entities) {
            text += fmt::format("{} {} {} {}", e.external_id, e.type, to_micros(e.created_at),
                                to_micros(e.updated_at));
            for (const query::ShownValue& value : e.values) {
                text += fmt::format(" {}={}@{}", value.name, value.json,
                                    value.at ? to_micros(*value.at) : 0);
            }
            text += '\n';
        }
        return text + fmt::format("{} {}", page.next_page_token, page.total_size.value_or(-1));
    }

    void compare(query::ListRequest list) {
        int pages = 0;
        do {
            const auto of_primary = primary_.list(list);
            const auto of_index = fleet_.reader.list(list);
            ASSERT_TRUE(of_primary) << of_primary.error().detail;
            if (!of_index) {
                // A place at a value of another type than the attribute's: the primary goes on.
                ASSERT_EQ(of_index.error().code, query::ErrorCode::not_held);
                ASSERT_FALSE(list.page_token.empty()) << of_index.error().detail;
                ++not_held_;
                return;
            }
            ASSERT_EQ(text_of(*of_index), text_of(*of_primary)) << "page " << pages;
            list.page_token = of_index->next_page_token;
        } while (!list.page_token.empty() && ++pages < 6);
    }

    void run_rounds(std::int64_t entities, bool distinct, std::uint64_t rounds) {
        insert(entities, distinct);
        load();
        for (std::uint64_t round = 0; round < test::rounds_or(rounds); ++round) {
            const std::string filter = filters_.filter(static_cast<int>(round % 4)).text;
            const std::string order = orders_.order().text;
            SCOPED_TRACE(
                fmt::format("ATLAS_SEED={} round {}: {} by {}", seed_, round, filter, order));
            query::ListRequest list{.tenant = kDefaultTenant, .filter_text = filter};
            list.filter = query::parse_filter(filter).value();
            list.order = query::parse_order(order).value();
            list.page_size = round % 3 == 0 ? 11 : 1000;
            list.count = query::Count::exact;
            if (round % 5 == 0) {
                list.shown.names = query::NameList{.names = {"status", "ratio", "since"}};
            }
            compare(list);
            if (HasFatalFailure()) return;
        }
        EXPECT_LT(not_held_, test::rounds_or(rounds) / 5);
    }

    std::uint64_t not_held_ = 0;
    const std::uint64_t seed_ = test::seed_or(4711);
    const std::string conninfo_ = test::TestCluster::shared().make_database();
    pg::Connection connection_ =
        pg::Connection::open(conninfo_, primary::read_session_settings()).value();
    SystemClock clock_;
    catalog::Catalog catalog_{clock_};
    storage::ShapeRegistry shapes_{clock_};
    pg::Pool pool_{conninfo_, primary::read_session_settings(), 2};
    primary::PrimaryReader primary_{pool_, catalog_, shapes_, clock_};
    Fleet fleet_;
    FleetRandom random_{seed_};
    FleetFilters filters_{seed_ + 1};
    FleetOrders orders_{seed_ + 2};
};

TEST_F(IndexSourceProperty, ListsOfFewValuesAreThoseOfThePrimary) {
    run_rounds(400, false, 150);
}

TEST_F(IndexSourceProperty, ListsOfManyValuesAreThoseOfThePrimary) {
    run_rounds(1500, true, 60);
}

}  // namespace
}  // namespace atlas::index
