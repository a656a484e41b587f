// SPDX-License-Identifier: Apache-2.0
//
// A store with two tenants, for tests of questions: what each may see, and what is right.
//
// Tenant 2 has pump-1, pump-2 and valve-1; tenant 3 has the same names, and values that no answer
// of tenant 2 may show: every text of it contains "secret", every number lies above 900,000.
//
// Threading  one thread at a time.
#pragma once

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "analytics/duckdb/test_store.h"
#include "analytics/questions/analytics_reader.h"

namespace atlas::analytics {

inline constexpr TenantId kOurs{2};
inline constexpr TenantId kTheirs{3};
inline const Time kDay = *parse_rfc3339("2026-11-20T00:00:00Z");
constexpr std::int64_t kMinute = 60'000'000;

struct AttributeRow {
    std::int32_t id;
    std::string name;
    model::Type type;
    bool hot = false;
};
inline const std::vector<AttributeRow>& test_attributes() {
    using model::Type;
    static const std::vector<AttributeRow> rows{{1, "status", Type::string, true},
                                                {2, "pressure", Type::float64},
                                                {3, "cycles", Type::int64},
                                                {4, "price", Type::decimal},
                                                {5, "enabled", Type::boolean},
                                                {6, "site", Type::string, true},
                                                {7, "extra", Type::json},
                                                {8, "since", Type::timestamp},
                                                {9, "odd \"name'", Type::int64, true}};
    return rows;
}

inline model::TenantCatalogPtr test_catalog(TenantId tenant) {
    std::vector<model::Attribute> attributes;
    for (const AttributeRow& row : test_attributes()) {
        model::Attribute attribute;
        attribute.id = AttributeId{row.id};
        attribute.name = row.name;
        attribute.type = row.type;
        attribute.hot = row.hot;
        attributes.push_back(std::move(attribute));
    }
    return std::make_shared<model::TenantCatalog>(tenant, 1, 1, true, std::move(attributes));
}

class QuestionsTest : public testing::Test {
protected:
    using Points = std::vector<duckdb::test::TestPoint>;

    QuestionsTest() {
        open();
        EXPECT_TRUE(store_->apply(dimensions())) << "dimensions";
    }

    // Opens the store, again where it was open.
    void open() {
        reader_.reset();
        store_.reset();
        // A folder for Parquet, which the store may write into and nothing else.
        const auto folder = folder_.path() / "out";
        std::filesystem::create_directories(folder);
        duckdb::StoreOptions options;
        options.path = folder_.path() / "analytics.duckdb";
        auto opened = duckdb::DuckStore::open(options, clock_);
        ASSERT_TRUE(opened) << opened.error().message;
        store_ = *std::move(opened);
        reader_.emplace(
            *store_,
            [](TenantId tenant, bool) -> query::Answer<model::TenantCatalogPtr> {
                return test_catalog(tenant);
            },
            clock_, ReaderOptions{.folder = folder});
    }

    static DimensionRow row(stream::Table table, std::vector<std::optional<std::string>> cells) {
        return {.table = table, .removed = false, .cells = std::move(cells)};
    }

    static Batch dimensions() {
        using stream::Table;
        Batch batch = duckdb::test::batch_of({}, 1);
        const std::string since = std::to_string(to_micros(kDay));
        for (const auto& [id, name] : {std::pair{"2", "ours"}, std::pair{"3", "secret tenant"}}) {
            batch.dimensions.push_back(row(Table::tenants, {id, name, since, "true"}));
        }
        for (const AttributeRow& attribute : test_attributes()) {
            const std::string id = std::to_string(attribute.id);
            const std::string type(model::to_string(attribute.type));
            batch.dimensions.push_back(row(
                Table::attributes, {id, attribute.name, type, "false", since, type, std::nullopt}));
            for (const std::string tenant : {"2", "3"}) {
                batch.dimensions.push_back(
                    row(Table::tenant_attributes,
                        {tenant, id, id, type, attribute.hot ? "true" : "false",
                         tenant == "3" ? "secret unit" : "bar", std::nullopt, std::nullopt, since,
                         "active", std::nullopt, std::nullopt, std::nullopt}));
            }
        }
        const std::vector<std::pair<std::string, std::string>> names{
            {"pump-1", "pump"}, {"pump-2", "pump"}, {"valve-1", "valve"}};
        for (std::size_t i = 0; i < names.size(); ++i) {
            for (const int tenant : {2, 3}) {
                const std::string id = std::to_string(tenant * 10 + static_cast<int>(i));
                const bool theirs = tenant == 3;
                batch.dimensions.push_back(
                    row(Table::entities,
                        {id, std::to_string(tenant), theirs ? "secret type" : names[i].second,
                         since, "false", names[i].first + (theirs ? " secret" : "")}));
                const std::string state =
                    theirs   ? R"({"status": "secret", "odd \"name'": 900001})"
                    : i == 0 ? R"({"status": "online", "site": "north", "odd \"name'": 5})"
                             : R"({"status": "offline", "site": "south", "odd \"name'": 12})";
                batch.dimensions.push_back(
                    row(Table::entity_jsonb, {std::to_string(tenant), id, state, "false"}));
            }
        }
        return batch;
    }

    // Applies points of our tenant: entity 20 pump-1, 21 pump-2, 22 valve-1; minutes after kDay.
    void fill(Points points) {
        for (auto& point : points) {
            point.tenant = 2;
            point.at = to_micros(kDay) + point.at * kMinute;
        }
        apply(points);
    }
    // And some that nobody of our tenant may see, one of each type.
    void fill_theirs() {
        Points points;
        for (int minute = 0; minute < 300; minute += 7) {
            const std::int64_t at = to_micros(kDay) + minute * kMinute;
            points.push_back({3, 30, 1, at, std::string("secret")});
            points.push_back({3, 30, 2, at, 900'001.5});
            points.push_back({3, 31, 3, at, std::int64_t{900'001}});
            points.push_back({3, 31, 4, at, duckdb::test::Digits{"900001.25"}});
            points.push_back({3, 32, 7, at, std::string(R"({"secret": 900001})")});
        }
        apply(points);
    }
    void apply(const Points& points) {
        const auto done = store_->apply(duckdb::test::batch_of(points, ++lsn_));
        ASSERT_TRUE(done) << done.error().message;
    }

    // The rows of a structured question as JSON, or its code and detail.
    std::string ask(const std::string& body, TenantId tenant = kOurs) {
        const auto request = query::parse_analytics(body, clock_.system());
        if (!request) return describe(request.error());
        return rows(reader_->query(*request, query::ResultFormat::json, {.tenant = tenant}));
    }
    std::string sql(const std::string& text, std::vector<query::ParameterValue> params = {},
                    query::ResultFormat format = query::ResultFormat::json) {
        return rows(
            reader_->sql({.sql = text, .params = std::move(params)}, format, {.tenant = kOurs}));
    }
    static std::string rows(const query::Answer<query::ResultTable>& table) {
        return table ? table->rows : describe(table.error());
    }
    static std::string describe(const query::Error& error) {
        return std::string(query::to_string(error.code)) + ": " + error.detail;
    }

    atlas::test::ManualClock clock_;
    duckdb::test::TempFolder folder_;
    std::unique_ptr<duckdb::DuckStore> store_;
    std::optional<AnalyticsReader> reader_;
    std::uint64_t lsn_ = 1;
};

}  // namespace atlas::analytics
