// SPDX-License-Identifier: Apache-2.0
//
// Goal: a statement of a user cannot take the memory of the process: it is refused, or ended with
// an error that says why, and the process stays near what the limits allow.
// Method: statements that make much of little, each in a way of its own, and what people write that
// looks like them.
#include <fstream>

#include "analytics/questions/test_questions.h"

namespace atlas::analytics {
namespace {

constexpr std::uint64_t kGrowth = std::uint64_t{128} << 20U;

// The most memory that the process had since peak_resident() was last called.
std::uint64_t peak_resident() {
    std::uint64_t kilobytes = 0;
    std::ifstream status("/proc/self/status");
    for (std::string word; status >> word;) {
        if (word == "VmHWM:") status >> kilobytes;
    }
    std::ofstream("/proc/self/clear_refs") << 5;
    return kilobytes * 1024;
}

// `doubling` nested so deeply, around 'x'.
std::string nested(std::string_view doubling, int depth) {
    std::string sql = "SELECT 'x' AS s";
    for (int i = 0; i < depth; ++i) sql = fmt::format("SELECT {} AS s FROM ({})", doubling, sql);
    return sql;
}

std::string many(std::string_view text, int count) {
    std::string out;
    for (int i = 0; i < count; ++i) out += text;
    return out;
}

std::string aliases(int count) {
    std::string sql = "SELECT 'x' AS s0";
    for (int i = 1; i <= count; ++i) sql += fmt::format(", s{0} || s{0} AS s{1}", i - 1, i);
    return sql;
}

std::string tables(int count) {
    std::string sql = "WITH t0 AS (SELECT 'x' AS s)";
    for (int i = 1; i <= count; ++i) {
        sql += fmt::format(", t{} AS (SELECT concat(s, s) AS s FROM t{})", i, i - 1);
    }
    return sql + fmt::format(" SELECT length(s) FROM t{}", count);
}

class SqlGrowthTest : public QuestionsTest {
protected:
    SqlGrowthTest() {
        Points points;
        for (int i = 0; i < 300; ++i) {
            points.push_back({.entity = 20 + i % 3, .attribute = 2, .at = i, .value = i * 0.5});
            points.push_back({.entity = 20,
                              .attribute = 1,
                              .at = i,
                              .value = std::string(400, static_cast<char>('a' + i % 26))});
        }
        fill(points);
        reader_.emplace(
            *store_,
            [](TenantId tenant, bool) -> query::Answer<model::TenantCatalogPtr> {
                return test_catalog(tenant);
            },
            clock_, ReaderOptions{.query_growth = kGrowth, .folder = folder_.path() / "out"});
    }
    // "answered", or the code of the error with the limit that was met.
    std::string outcome(const std::string& text, std::vector<query::ParameterValue> params = {}) {
        const auto table = reader_->sql({.sql = text, .params = std::move(params)},
                                        query::ResultFormat::json, {.tenant = kOurs});
        if (table) return "answered";
        return std::string(query::to_string(table.error().code)) + " " + table.error().parameter;
    }
};

TEST_F(SqlGrowthTest, WhatMakesMuchOfLittleIsRefused) {
    const std::string long_text(30'000, 'a');
    const std::vector<std::string> hostile{
        nested("s || s", 40),
        nested("concat(s, s, s)", 20),
        nested("concat_ws(s, 'a', 'b', 'c', 'd')", 20),
        nested("replace(s, 'x', 'xxxxxxxxxx')", 12),
        nested("replace(s, 'x', s)", 8),
        nested("regexp_replace(s, '.', '\\0\\0\\0\\0', 'g')", 15),
        nested("array_to_string([s, s], s)", 30),
        nested("to_json(s)::VARCHAR", 40),
        nested("[s, s]::VARCHAR", 30),
        nested("hex(s)", 30),
        nested("json_object('a', s, 'b', s)::VARCHAR", 30),
        nested("{'a': s, 'b': s}::VARCHAR", 30),
        nested("CASE WHEN s > 'a' THEN s || s ELSE s END", 40),
        nested("coalesce(s || s, s)", 40),
        "SELECT s || s FROM (" + nested("upper(s) || lower(s)", 30) + ") WHERE length(s || s) > 3",
        aliases(40),
        tables(40),
        "SELECT json_extract(value_json, '$..*') FROM fact_telemetry",
        "SELECT value_json -> ('$.' || '.*') FROM fact_telemetry",
        "SELECT json_extract(value_json, ['$'" + many(", '$'", 100) + "]) FROM fact_telemetry",
        "SELECT list_transform(string_split('" + long_text + "', ''), lambda c: '" + long_text +
            "')",
        "SELECT [x || y FOR x IN string_split(value, '')] FROM (SELECT value, value AS y FROM "
        "fact_telemetry)",
        "SELECT replace('" + long_text + "', 'a', '" + long_text + "')",
        "SELECT replace(value, 'a', value) FROM fact_telemetry",
        "SELECT string_agg(value, ',') OVER (ORDER BY ingested_at) FROM fact_telemetry",
        "SELECT list(value) OVER (ORDER BY ingested_at) FROM fact_telemetry",
        "WITH RECURSIVE r AS (SELECT 'x' AS s UNION ALL SELECT s || s || s || s FROM r) "
        "SELECT length(s) FROM r",
        "SELECT length(s || i) FROM (SELECT string_agg(value, '') AS s FROM fact_telemetry), "
        "range(100000) AS r(i)",
        "SELECT (SELECT string_agg(value, '') FROM fact_telemetry) || i FROM range(100000) AS r(i)",
        "WITH g AS (SELECT list(value) AS l FROM fact_telemetry), j AS (SELECT l, i FROM g, "
        "range(100000) AS r(i)) SELECT list_concat(l, [i::VARCHAR]) FROM j",
        "SELECT upper(s || unnest(range)) FROM (SELECT string_agg(value, '') AS s, list(i) AS "
        "range "
        "FROM fact_telemetry, range(1000) AS r(i))",
        "SELECT '" + long_text + "' || '" + long_text +
            "' || a || b || c || d || e FROM (SELECT "
            "value AS a, value AS b, value AS c, value AS d, value AS e FROM fact_telemetry)"};
    peak_resident();
    const std::uint64_t before = peak_resident();
    for (const std::string& text : hostile) {
        EXPECT_EQ(outcome(text), "sql_not_allowed ") << text.substr(0, 200);
    }
    EXPECT_EQ(
        outcome("SELECT $1 || $1 || i FROM range(10000) AS r(i)", {std::string(200'000, 'x')}),
        "sql_not_allowed ");
    EXPECT_EQ(outcome("SELECT value_json -> $1 FROM fact_telemetry", {std::string("$..*")}),
              "sql_not_allowed ");
    EXPECT_LT(peak_resident(), before + (std::uint64_t{500} << 20U));
    EXPECT_NE(sql(aliases(40)).find("copies"), std::string::npos);
}

// What grows from one chunk of rows to the next ends with an error, and soon enough.
TEST_F(SqlGrowthTest, WhatGrowsIsEnded) {
    const std::string text(1000, 'a');
    const std::vector<std::string> growing{
        "SELECT length(string_agg('" + text + "' || i, ',')) FROM range(100000000) AS r(i)",
        "SELECT len(list('" + text + "' || i)) FROM range(100000000) AS r(i)",
        "WITH RECURSIVE r AS (SELECT 'x' AS s UNION ALL SELECT s || s FROM r) "
        "SELECT max(length(s)) FROM r"};
    for (const std::string& statement : growing) {
        peak_resident();
        const std::uint64_t before = peak_resident();
        EXPECT_EQ(outcome(statement), "query_limit_exceeded memory") << statement.substr(0, 100);
        EXPECT_LT(peak_resident(), before + 4 * kGrowth) << statement.substr(0, 100);
    }
    EXPECT_EQ(sql("SELECT 1"), "[[1]]");
}

TEST_F(SqlGrowthTest, WhatPeopleWriteIsAllowed) {
    const std::vector<std::string> good{
        "SELECT external_id || '/' || attribute_name || '=' || value FROM fact_telemetry",
        "SELECT concat_ws(', ', external_id, attribute_name, value) FROM fact_telemetry",
        "SELECT replace(replace(lower(value), '-', '_'), ' ', '_') FROM fact_telemetry",
        "SELECT regexp_replace(value, '[^a-z]+', '', 'g') FROM fact_telemetry",
        "SELECT external_id, string_agg(attribute_name || ': ' || value, ', ' ORDER BY "
        "attribute_name) FROM fact_telemetry GROUP BY external_id",
        "WITH lists AS (SELECT entity_id, list(value_double ORDER BY ingested_at) AS l FROM "
        "fact_telemetry GROUP BY entity_id) SELECT e.external_id, list_avg(l), l[1] FROM lists "
        "JOIN dim_entities e USING (entity_id)",
        "SELECT list_transform(list(value_double), lambda v: v * 2 + 1) FROM fact_telemetry",
        "SELECT list_filter(list(value), lambda v: v <> 'a..b' AND length(v) > 2 AND "
        "length(v) < 9) FROM fact_telemetry",
        "SELECT array_to_string(list_sort(list(DISTINCT attribute_name)), ', ') FROM "
        "fact_telemetry",
        "SELECT split_part(external_id, '-', 1) || '-' || (row_number() OVER ())::VARCHAR FROM "
        "dim_entities",
        "WITH RECURSIVE p AS (SELECT 'root' AS path, 1 AS n UNION ALL SELECT path || '/' || n, "
        "n + 1 FROM p WHERE n < 5) SELECT path FROM p",
        "SELECT strftime(ingested_at, '%Y-%m-%d') || ' ' || hour(ingested_at) || ':00' AS h, "
        "count(*) FROM fact_telemetry GROUP BY h",
        "SELECT external_id FROM fact_telemetry WHERE external_id IN ('" +
            std::string(20'000, 'x') + "', 'pump-1') AND external_id || 'a' || value <> 'b'",
        "SELECT {'entity': external_id, 'values': list(value_double)} FROM fact_telemetry GROUP "
        "BY external_id",
        "SELECT to_json(hot_attrs), hot_attrs ->> 'status', hot_attrs ->> '$.site', "
        "json_extract(hot_attrs, ['$.status', '$.site']) FROM fact_current_state",
        "SELECT s.hot_attrs ->> a.attribute_name FROM fact_current_state s, dim_attributes a",
        "SELECT upper(left(value, 1)) || substr(value, 2) FROM fact_telemetry"};
    for (const std::string& text : good) EXPECT_EQ(outcome(text), "answered") << sql(text);
    EXPECT_EQ(outcome("SELECT $1 || value FROM fact_telemetry", {std::string(1000, 'x')}),
              "answered");
}

}  // namespace
}  // namespace atlas::analytics
