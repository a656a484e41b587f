// SPDX-License-Identifier: Apache-2.0
#include "query/analytics.h"

#include <gtest/gtest.h>

#include "query/test_filter.h"

namespace atlas::query {
namespace {

const Time kNow = *parse_rfc3339("2026-11-30T12:00:00Z");

// "ok", or the code and the path or position of the fault.
std::string verdict(std::string_view json) {
    auto request = parse_analytics(json, kNow);
    Error error;
    if (request) {
        auto bound = bind(*request, filter_catalog());
        if (bound) return "ok";
        error = bound.error();
    } else {
        error = request.error();
    }
    EXPECT_FALSE(error.detail.empty());
    std::string out(to_string(error.code));
    if (!error.parameter.empty()) out += " " + error.parameter;
    if (error.position) out += " at " + std::to_string(*error.position);
    return out;
}

AnalyticsRequest bound(std::string_view json) {
    auto request = parse_analytics(json, kNow);
    EXPECT_TRUE(request) << request.error().detail;
    auto good = bind(*request, filter_catalog());
    EXPECT_TRUE(good) << good.error().detail;
    return std::move(*request);
}

// Goal: the request of the contract is read as it is meant, field by field.
TEST(Analytics, TheRequestOfTheContract) {
    const auto request = bound(R"({
        "from": "2026-11-01T00:00:00+01:00", "to": 1796000000000, "filter": "status = \"on\"",
        "measures": [{"name": "mean", "agg": "avg", "attribute": "pressure"},
                     {"name": "n", "agg": "count"}],
        "group_by": [{"attribute": "status", "as_of": "sample"}, {"field": "type"},
                     {"bucket": "1d", "timezone": "Europe/Berlin"}],
        "having": "n >= 10", "order_by": "mean desc, type", "limit": 100})");
    EXPECT_EQ(format_rfc3339(request.from), "2026-10-31T23:00:00.000000Z");
    EXPECT_EQ(to_micros(request.to), 1'796'000'000'000'000);
    EXPECT_EQ(shape(request.filter), "[status/0 on]");
    ASSERT_EQ(request.measures.size(), 2U);
    EXPECT_EQ(request.measures[0].attribute->id, AttributeId{8});
    EXPECT_EQ(request.measures[0].type, model::Type::float64);
    EXPECT_EQ(request.measures[1].type, model::Type::int64);
    ASSERT_EQ(request.groups.size(), 3U);
    EXPECT_TRUE(request.groups[0].at_sample);
    EXPECT_EQ(request.groups[0].attribute->id, AttributeId{1});
    EXPECT_EQ(request.groups[1].kind, GroupKey::Kind::entity_type);
    EXPECT_EQ(request.groups[2].type, model::Type::timestamp);
    EXPECT_EQ(format_rfc3339(request.groups[2].bucket->bucket(kNow).start),
              "2026-11-29T23:00:00.000000Z");
    EXPECT_EQ(shape(request.having), "[n/5 10]");
    EXPECT_EQ(request.limit, 100);
    // mean desc, type, then the other groups.
    ASSERT_EQ(request.columns_order.size(), 5U);
    EXPECT_EQ(request.columns_order[0].column, 3U);
    EXPECT_TRUE(request.columns_order[0].descending);
    EXPECT_EQ(request.columns_order[1].column, 1U);
}

TEST(Analytics, Defaults) {
    const auto request = bound(R"({"measures": [{"agg": "p95", "attribute": "priority"}]})");
    EXPECT_EQ(request.to, kNow);
    EXPECT_EQ(request.from, kNow - std::chrono::days{7});
    EXPECT_EQ(request.limit, kDefaultAnalyticsRows);
    EXPECT_EQ(request.measures[0].name, "p95_priority");
    EXPECT_EQ(request.measures[0].type, model::Type::decimal);  // 4.95 of 1 and 5
    EXPECT_EQ(bound(R"({"measures": [{"agg": "count"}]})").measures[0].name, "count");
}

TEST(Analytics, WordsOfMeasures) {
    for (const std::string_view word :
         {"avg", "min", "max", "sum", "count", "first", "last", "median", "p1", "p50", "p99",
          "approx_p1", "approx_p99", "count_distinct", "count_entities"}) {
        EXPECT_TRUE(parse_measure(word)) << word;
    }
    for (const std::string_view word :
         {"", "p", "p0", "p100", "p05", "p5x", "P50", "approx_", "approx_median", "mean", "p-1"}) {
        EXPECT_FALSE(parse_measure(word)) << word;
    }
    EXPECT_EQ(parse_measure("approx_p95")->percent, 95);
    EXPECT_EQ(parse_measure("median")->percent, 50);
}

// Goal: each fault is found, and its message leads to the field.
TEST(Analytics, FaultsNameTheirField) {
    const auto with = [](std::string_view more) {
        return verdict(R"({"measures": [{"agg": "count"}], )" + std::string(more) + "}");
    };
    EXPECT_EQ(verdict("{"), "invalid_json");
    EXPECT_EQ(verdict("[1]"), "invalid_json");
    EXPECT_EQ(verdict("{}"), "invalid_field measures");
    EXPECT_EQ(verdict(R"({"measures": []})"), "invalid_field measures");
    EXPECT_EQ(verdict(R"({"measures": {}})"), "invalid_field measures");
    EXPECT_EQ(verdict(R"({"measures": [1]})"), "invalid_field measures[0]");
    EXPECT_EQ(with(R"("tenant": 3)"), "unknown_field tenant");
    EXPECT_EQ(with(R"("tenant_id": 3)"), "unknown_field tenant_id");
    EXPECT_EQ(verdict(R"({"measures": [{"agg": "count", "of": "x"}]})"),
              "unknown_field measures[0].of");
    EXPECT_EQ(verdict(R"({"measures": [{"agg": "count"}, {"agg": "middle"}]})"),
              "invalid_field measures[1].agg");
    EXPECT_EQ(verdict(R"({"measures": [{"agg": 5}]})"), "invalid_field measures[0].agg");
    EXPECT_EQ(verdict(R"({"measures": [{"agg": "avg"}]})"), "invalid_field measures[0].attribute");
    EXPECT_EQ(verdict(R"({"measures": [{"agg": "avg", "attribute": "status"}]})"),
              "invalid_field measures[0].agg");
    EXPECT_EQ(verdict(R"({"measures": [{"agg": "avg", "attribute": "none"}]})"),
              "unknown_attribute measures[0].attribute");
    EXPECT_EQ(verdict(R"({"measures": [{"agg": "count", "name": ""}]})"),
              "invalid_field measures[0].name");
    EXPECT_EQ(verdict(R"({"measures": [{"agg": "count"}, {"agg": "count"}]})"),
              "invalid_field measures[1].name");
    EXPECT_EQ(with(R"("from": "2026-11-01")"), "invalid_field from");
    EXPECT_EQ(with(R"("from": "2026-11-30T12:00:00Z")"), "invalid_field from");
    EXPECT_EQ(with(R"("to": 1.5)"), "invalid_field to");
    EXPECT_EQ(with(R"("limit": 0)"), "invalid_field limit");
    EXPECT_EQ(with(R"("limit": 100001)"), "invalid_field limit");
    EXPECT_EQ(with(R"("limit": "5")"), "invalid_field limit");
    EXPECT_EQ(with(R"("filter": "status =")"), "invalid_filter filter at 9");
    EXPECT_EQ(with(R"("filter": "pressure > 1")"), "attribute_not_hot filter at 1");
    EXPECT_EQ(with(R"("having": "n > 1")"), "invalid_filter having at 1");
    EXPECT_EQ(with(R"("having": "count = \"1\"")"), "invalid_filter having at 9");
    EXPECT_EQ(with(R"("having": "count >")"), "invalid_filter having at 8");
    EXPECT_EQ(with(R"("order_by": "n")"), "invalid_order_by order_by");
    EXPECT_EQ(with(R"("order_by": "count sideways")"), "invalid_order_by order_by");
    EXPECT_EQ(with(R"("group_by": [{}])"), "invalid_field group_by[0].attribute");
    EXPECT_EQ(with(R"("group_by": [{"field": "type", "bucket": "1h"}])"),
              "invalid_field group_by[0].attribute");
    EXPECT_EQ(with(R"("group_by": [{"field": "type"}, {"field": "name"}])"),
              "invalid_field group_by[1].field");
    EXPECT_EQ(with(R"("group_by": [{"attribute": "none"}])"),
              "unknown_attribute group_by[0].attribute");
    EXPECT_EQ(with(R"("group_by": [{"field": "type", "as_of": "window"}])"),
              "invalid_field group_by[0].as_of");
    EXPECT_EQ(with(R"("group_by": [{"attribute": "status", "as_of": "now"}])"),
              "invalid_field group_by[0].as_of");
    EXPECT_EQ(with(R"("group_by": [{"bucket": "1h", "timezone": "Mars/North"}])"),
              "invalid_field group_by[0].timezone");
    EXPECT_EQ(with(R"("group_by": [{"bucket": "soon"}])"), "invalid_field group_by[0].bucket");
    EXPECT_EQ(with(R"("group_by": [{"bucket": "1s"}])"), "invalid_field group_by[0].bucket");
    EXPECT_EQ(with(R"("group_by": [{"attribute": "status", "name": "count"}])"),
              "invalid_field measures[0].name");
    EXPECT_EQ(with(R"("group_by": [{"field": "type"}, {"field": "type"}])"),
              "invalid_field group_by[1].name");
}

TEST(Analytics, MeasuresOfEveryAttributeNeedTheirNameAsGroup) {
    const auto request = bound(
        R"({"measures": [{"agg": "median"}, {"agg": "count_distinct"}, {"agg": "last"}],
            "group_by": [{"field": "attribute"}]})");
    EXPECT_EQ(request.measures[0].type, model::Type::decimal);
    EXPECT_EQ(request.measures[1].type, model::Type::int64);
    EXPECT_EQ(request.measures[2].type, model::Type::string);
}

// A built-in field's name is nothing special in having.
TEST(Analytics, HavingKnowsMeasuresOnly) {
    EXPECT_EQ(verdict(R"({"measures": [{"agg": "count", "name": "type"}], "having": "type > 5"})"),
              "ok");
}

TEST(Analytics, SqlRequests) {
    auto request = parse_sql_request(R"({"sql": "SELECT 1", "params": [1, "a", null, true, 1.5]})");
    ASSERT_TRUE(request);
    ASSERT_EQ(request->params.size(), 5U);
    EXPECT_EQ(std::get<std::int64_t>(request->params[0]), 1);
    EXPECT_TRUE(std::holds_alternative<std::monostate>(request->params[2]));
    request = parse_sql_request(R"({"sql": "SELECT 1", "params": {"a": 18446744073709551615}})");
    ASSERT_TRUE(request);
    EXPECT_EQ(std::get<std::string>(request->named[0].second), "18446744073709551615");
    EXPECT_EQ(parse_sql_request("{}").error().parameter, "sql");
    EXPECT_EQ(parse_sql_request(R"({"sql": "", "params": 1})").error().parameter, "params");
    EXPECT_EQ(parse_sql_request(R"({"sql": "", "params": [[1]]})").error().parameter, "params[0]");
    EXPECT_EQ(parse_sql_request(R"({"sql": "", "tenant": 1})").error().code,
              ErrorCode::unknown_field);
    EXPECT_TRUE(parse_named_request("x", ""));
    EXPECT_EQ(parse_named_request("x", R"({"params": []})").error().parameter, "params");
}

// The store knows an attribute by its present name only.
TEST(Analytics, ExportsTakeFormerNames) {
    model::Attribute attribute;
    attribute.id = AttributeId{1};
    attribute.name = "number";
    attribute.old_name = "count";
    const model::TenantCatalog catalog(kDefaultTenant, 1, 1, true, {attribute});
    auto request = parse_export_request(R"({"attributes": "count"})");
    ASSERT_TRUE(request);
    ASSERT_TRUE(bind(*request, catalog));
    EXPECT_EQ(request->attributes.names, std::vector<std::string>{"number"});
}

TEST(Analytics, Formats) {
    EXPECT_EQ(accepted_format(""), ResultFormat::json);
    EXPECT_EQ(accepted_format("*/*"), ResultFormat::json);
    EXPECT_EQ(accepted_format("text/csv"), ResultFormat::csv);
    EXPECT_EQ(accepted_format("application/json;q=0.2, application/x-ndjson;q=0.9"),
              ResultFormat::ndjson);
    EXPECT_EQ(accepted_format("application/vnd.apache.parquet, */*;q=0.1"), ResultFormat::parquet);
    EXPECT_EQ(accepted_format("text/csv; q=0.2, application/x-ndjson;v=1 ; Q=0.9"),
              ResultFormat::ndjson);
    EXPECT_EQ(accepted_format("text/csv; q=0, */*"), ResultFormat::json);
    EXPECT_FALSE(accepted_format("image/png"));
    EXPECT_FALSE(parse_format("xml"));
    EXPECT_FALSE(parse_format("arrow"));
    EXPECT_FALSE(accepted_format("application/vnd.apache.arrow.stream"));
    EXPECT_EQ(parse_export_request(R"({"format": "xml"})").error().parameter, "format");
    EXPECT_EQ(parse_export_request(R"({"attributes": "a,,"})").error().parameter, "attributes");
    EXPECT_TRUE(parse_export_request("")->attributes.everything);
}

}  // namespace
}  // namespace atlas::query
