// SPDX-License-Identifier: Apache-2.0
//
// Goal: a statement of a user is parsed and compiled in a moment, or refused in one.
// Method: statements that are short and large, each in a way of its own, and what people write
// that looks like them.
#include "analytics/questions/sql_size.h"

#include <chrono>

#include "analytics/questions/test_questions.h"

namespace atlas::analytics {
namespace {

// `text` so often, with {} as the number, from `first` on.
std::string each(std::string_view text, int count, std::string_view between, int first = 0) {
    std::string out;
    for (int i = first; i < first + count; ++i) {
        if (i > first) out += between;
        out += fmt::format(fmt::runtime(text), i);
    }
    return out;
}

// Common table expressions, each of the one before, which is P.
std::string chain(int count, const std::string& first, const std::string& step,
                  const std::string& how = {}) {
    std::string sql = "WITH c0 AS (" + first + ")";
    for (int i = 1; i < count; ++i) {
        std::string body = step;
        for (std::size_t at = 0; (at = body.find('P', at)) != std::string::npos;) {
            body.replace(at, 1, fmt::format("c{}", i - 1));
        }
        sql += fmt::format(", c{} AS {}({})", i, how, body);
    }
    return sql + fmt::format(" SELECT * FROM c{}", count - 1);
}

// `step` around `first`, which is P.
std::string nested(const std::string& first, const std::string& step, int depth) {
    std::string sql = first;
    for (int i = 0; i < depth; ++i) {
        std::string outer = step;
        outer.replace(outer.find('P'), 1, sql);
        sql = outer;
    }
    return sql;
}

std::string correlated(int depth) {
    std::string sql = fmt::format("SELECT max(entity_id) FROM dim_entities x{}", depth);
    for (int i = depth - 1; i >= 0; --i) {
        sql = fmt::format(
            "SELECT max(x{0}.entity_id) FROM dim_entities x{0} WHERE x{0}.entity_id "
            "IN ({1}{2} x{3}.entity_id = x{0}.entity_id)",
            i, sql, i == depth - 1 ? " WHERE" : " AND", i + 1);
    }
    return sql;
}

class SqlSizeTest : public QuestionsTest {
protected:
    SqlSizeTest() {
        fill({{.entity = 20, .attribute = 2, .at = 0, .value = 1.5},
              {.entity = 21, .attribute = 1, .at = 1, .value = std::string("online")}});
        sql("SELECT 1");
    }
    std::string outcome(const std::string& text) {
        const auto table =
            reader_->sql({.sql = text}, query::ResultFormat::json, {.tenant = kOurs});
        if (table) return "answered";
        return std::string(query::to_string(table.error().code)) + ": " + table.error().detail;
    }
    // Statements, and words of their errors.
    void expect_refused(const std::vector<std::pair<std::string, std::string>>& large) {
        for (const auto& [text, words] : large) {
            const auto begun = std::chrono::steady_clock::now();
            const std::string found = outcome(text);
            const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begun;
            EXPECT_TRUE(found.starts_with("sql_not_allowed")) << found << "\n"
                                                              << text.substr(0, 200);
            EXPECT_NE(found, "answered") << text.substr(0, 200);
            EXPECT_NE(found.find(words), std::string::npos) << found << "\n" << text.substr(0, 200);
            EXPECT_LT(taken.count(), 5) << text.substr(0, 200);
        }
    }
};

TEST_F(SqlSizeTest, ManyRelationsAreRefused) {
    const std::string sets = each("dim_entities t{}", 41, ", ");
    expect_refused({
        {chain(25, "SELECT 1 a", "SELECT x.a FROM P x UNION SELECT a FROM P", "NOT MATERIALIZED "),
         "NOT MATERIALIZED"},
        {"WITH x AS NOT/**/materialized (SELECT 1) FROM x", "NOT MATERIALIZED"},
        {"WITH x AS\u00a0NOT MATERIALIZED (SELECT 1) FROM x", "NOT MATERIALIZED"},
        {"WITH x AS NOT\u00a0MATERIALIZED (SELECT 1) FROM x", "space"},
        {"SELECT * FROM (WITH x AS NOT MATERIALIZED (SELECT 1) FROM x)", "NOT MATERIALIZED"},
        {each("SELECT count(*) FROM fact_telemetry", 41, " UNION ALL "), "more than 40"},
        {"SELECT count(*) FROM dim_entities" +
             each(" JOIN dim_entities d{} USING (entity_id)", 40, ""),
         "more than 40"},
        {"SELECT * FROM " + sets, "more than 40"},
        {"SELECT 1 WHERE EXISTS (SELECT 1 FROM " + sets + ")", "more than 40"},
        {"SELECT * FROM " + each("LATERAL (SELECT * FROM dim_entities) t{}", 41, ", "),
         "more than 40"},
        {"SELECT * FROM " + each("(SELECT {0} AS a) t{0}", 64, ", "), "more than 40"},
        {"SELECT * FROM " + each("range(3) t{0}", 64, ", "), "more than 40"},
        {"SELECT * FROM " + each("(VALUES (1)) t{0}", 64, ", "), "more than 40"},
        {"WITH c AS (SELECT 1) SELECT * FROM " + each("c t{}", 41, ", "), "more than 40"},
        {"SELECT (SELECT max(entity_id) FROM dim_entities) AS s0, " +
             [] {
                 std::string aliases;
                 for (int i = 1; i < 12; ++i) {
                     aliases += fmt::format("{}s{}+s{} AS s{}", i > 1 ? ", " : "", i - 1, i - 1, i);
                 }
                 return aliases;
             }(),
         "more than 40"},
        {correlated(12), "more than 6"},
    });
}

TEST_F(SqlSizeTest, ManyPartsAreRefused) {
    expect_refused({
        {"SELECT 1 FROM dim_entities WHERE " + each("entity_id <> {}", 3000, " AND "), "too long"},
        {"SELECT 1 FROM dim_entities WHERE " + each("entity_id = {}", 3000, " OR "), "too long"},
        {"SELECT " + each("1", 12'000, ","), "too long"},
        {nested("SELECT * FROM dim_entities", "SELECT *, * FROM (P)", 12), "too long"},
        {nested("SELECT * FROM dim_entities", "SELECT x.*, x.* FROM (P) x", 12), "too long"},
        {nested("SELECT * FROM dim_entities", "SELECT COLUMNS(*), COLUMNS(*) FROM (P)", 12),
         "too long"},
        {"SELECT entity_id AS s0, " +
             [] {
                 std::string aliases;
                 for (int i = 1; i < 25; ++i) {
                     aliases += fmt::format("{}s{}+s{} AS s{}", i > 1 ? ", " : "", i - 1, i - 1, i);
                 }
                 return aliases;
             }() +
             " FROM dim_entities",
         "too long"},
        {"SELECT " + nested("entity_id::DOUBLE", "fmod(P, 2)", 20) + " FROM dim_entities",
         "too long"},
        {"SELECT " + nested("entity_id", "nullif(P, 2)", 20) + " FROM dim_entities", "too long"},
        {"SELECT count(*) FROM dim_entities GROUP BY CUBE(" + each("entity_id + {}", 12, ",") + ")",
         "too long"},
        {"FROM dim_entities PIVOT (count(*) FOR entity_id IN (" + each("{}", 120, ",") +
             ") tenant_id IN (" + each("{}", 120, ",") + "))",
         "too long"},
        {"SELECT * FROM (" + each("SELECT * FROM fact_telemetry", 40, " UNION ALL ") + ") WHERE " +
             each("entity_id = {}", 300, " OR "),
         "too long"},
    });
}

// Goal: what the parser itself would write again and again never reaches it, however it is hidden.
TEST_F(SqlSizeTest, ManyWordsAreRefused) {
    expect_refused(
        {{"SELECT " + nested("entity_id", "CASE P WHEN 1 THEN 1 WHEN 2 THEN 2 END", 30) +
              " FROM dim_entities",
          "more than 50000"},
         {"SELECT " +
              nested("entity_id", "case/* end */P when 1 then 1 WHEN\n2 THEN 'END' END", 30) +
              " FROM dim_entities",
          "more than 50000"},
         {"SELECT " +
              nested("entity_id", "CASE (SELECT 1 AS end, P) WHEN 1 THEN 1 WHEN 2 THEN 2 END", 30),
          "more than 50000"},
         {"SELECT " +
              nested("entity_id", "CASE E'\\'' || P WHEN 1 THEN 1 WHEN 2 THEN 2 END -- '\n", 30),
          "more than 50000"},
         {"SELECT " + nested("entity_id", "CASE P WHEN 1.THEN 1 WHEN 2 THEN 2.END", 30),
          "more than 50000"},
         {"SELECT " + nested("entity_id", "CASE P WHEN 1 THEN 1e5WHEN 2 THEN 2 END", 30), "space"},
         {"SELECT " + nested("entity_id", "CASE\u00a0P WHEN 1 THEN 1 WHEN 2 THEN 2 END", 30),
          "space"},
         {"SELECT " + each("sum(entity_id) OVER w", 500, ",") +
              " FROM dim_entities WINDOW w AS (ORDER BY " + each("entity_id", 300, "+") + ")",
          "more than 50000"},
         {each("SELECT 1 GROUP BY CUBE(" + each("{}", 15, ",") + ")", 12, " UNION ALL "),
          "more than 50000"}});
}

TEST_F(SqlSizeTest, WhatPeopleWriteIsAllowed) {
    const std::vector<std::string> good{
        "SELECT count(*) FROM fact_telemetry f" +
            each(" JOIN dim_entities d{} USING (entity_id)", 15, ""),
        "SELECT count(*) FROM dim_entities e" +
            each(" LEFT JOIN fact_telemetry f{0} ON f{0}.entity_id = e.entity_id AND "
                 "f{0}.attribute_name = 'a{0}'",
                 12, ""),
        chain(20, "SELECT entity_id, value_double AS v FROM fact_telemetry",
              "SELECT entity_id, v + 1 AS v FROM P WHERE v IS NOT NULL"),
        chain(15, "SELECT entity_id FROM dim_entities",
              "SELECT entity_id FROM P JOIN dim_entities USING (entity_id)"),
        "WITH c AS MATERIALIZED (SELECT 1 AS a) SELECT * FROM c, c AS d",
        each("SELECT {}", 100, " UNION ALL "),
        "SELECT count(*) FROM dim_entities WHERE entity_id IN (" + each("{}", 5000, ",") + ")",
        "SELECT count(*) FROM dim_entities WHERE " + each("entity_id = {}", 300, " OR "),
        "SELECT * FROM (VALUES " + each("({}, 'x')", 1000, ",") + ")",
        "SELECT *, * FROM fact_telemetry f JOIN dim_entities e USING (entity_id)",
        correlated(4),
        "SELECT " + each("sum(CASE WHEN entity_id = {0} THEN 1 ELSE 0 END) AS n{0}", 200, ",") +
            " FROM dim_entities",
        "SELECT CASE attribute_name " + each("WHEN 'a{0}' THEN {0}", 100, " ") +
            " END FROM fact_telemetry",
        "SELECT CASE CASE entity_id WHEN 20 THEN 1 END WHEN 1 THEN 1 END AS end FROM dim_entities",
        "SELECT nullif(nullif(nullif(value, ''), '-'), 'n/a') FROM fact_telemetry",
        "SELECT value_double AS a, a + 1 AS b, b * b AS c, c - a AS d FROM fact_telemetry",
        "SELECT " + each("sum(value_double) OVER w", 20, ",") +
            " FROM fact_telemetry WINDOW w AS (PARTITION BY entity_id ORDER BY ingested_at)",
        "SELECT count(*) FROM fact_telemetry GROUP BY CUBE(entity_id, attribute_name, value)",
        "FROM dim_entities PIVOT (count(*) FOR entity_id IN (20, 21) tenant_id IN (2, 3))",
        "SELECT external_id AS größe, 'CASE x WHEN' FROM dim_entities -- CASE",
        "SELECT " + std::string(300, '(') + "1" + std::string(300, ')')};
    for (const std::string& text : good)
        EXPECT_EQ(outcome(text), "answered") << text.substr(0, 200);
}

TEST_F(SqlSizeTest, WhatIsAtTheBoundsIsCompiledSoon) {
    const std::vector<std::string> most{
        each("SELECT count(*) FROM agg_daily_entity_stats", 40, " UNION ALL "),
        "SELECT count(*) FROM dim_entities" +
            each(" JOIN dim_entities d{} USING (entity_id)", 39, ""),
        correlated(6),
        "SELECT 1 FROM fact_telemetry WHERE " + each("entity_id <> {}", 1200, " AND ")};
    for (const std::string& text : most)
        EXPECT_EQ(outcome(text), "answered") << text.substr(0, 200);
}

TEST_F(SqlSizeTest, WordsAreThoseOfTheParser) {
    EXPECT_TRUE(has_word("SELECT * FROM (Pivot x ON y)", "pivot"));
    EXPECT_TRUE(has_word("SELECT $a$ ' $a$, pivot", "pivot"));
    EXPECT_TRUE(has_word("SELECT $1, pivot", "pivot"));
    EXPECT_TRUE(has_word("SELECT E'\\'', pivot, '", "pivot"));
    EXPECT_TRUE(has_word("-- '\nPIVOT", "pivot"));
    for (const std::string_view text :
         {"SELECT 'pivot'", "SELECT \"pivot\"", "-- pivot", "/* /* */ pivot */ SELECT 1",
          "SELECT $$ pivot $$", "SELECT $x$ pivot $$ $x$", "SELECT pivots, $pivot",
          "SELECT 'a''pivot'", "SELECT E'\\'pivot'"}) {
        EXPECT_FALSE(has_word(text, "pivot")) << text;
    }
}

TEST_F(SqlSizeTest, ErrorsSayWhatToDo) {
    const auto says = [&](const std::string& text) { return outcome(text); };
    EXPECT_NE(says("SELECT 1e400").find("beyond the range of a double"), std::string::npos)
        << says("SELECT 1e400");
    EXPECT_NE(says("SELECT -1e400").find("beyond the range of a double"), std::string::npos);
    EXPECT_NE(says("SELECT * FROM (PIVOT fact_telemetry ON attribute_name USING count(*))")
                  .find("must list the values"),
              std::string::npos);
    EXPECT_NE(says("DROP TABLE x").find("begins with SELECT"), std::string::npos);
    for (const std::string& text :
         {"SELECT " + std::string(12'000, '(') + "1" + std::string(12'000, ')'),
          "SELECT " + nested("true", "NOT P", 3000),
          "SELECT 1 WHERE " + each("1", 3000, "+") + " = 1"}) {
        const std::string found = says(text);
        EXPECT_NE(found.find("nested too deeply"), std::string::npos) << found;
        EXPECT_EQ(found.find("SET "), std::string::npos) << found;
        EXPECT_EQ(found.find("exhausted"), std::string::npos) << found;
    }
    const std::string rows = says("SELECT (SELECT * FROM range(2))");
    EXPECT_NE(rows.find("More than one row returned"), std::string::npos) << rows;
    EXPECT_EQ(rows.find("SET "), std::string::npos) << rows;
}

}  // namespace
}  // namespace atlas::analytics
