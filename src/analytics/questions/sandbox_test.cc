// SPDX-License-Identifier: Apache-2.0
//
// Goal: SQL of users reads the relations of the contract as their tenant may see them, and nothing
// else: no row of another tenant, no file, no setting, no other object of the store.
// Method: statements that try, each by a way of its own; a row of the other tenant would show the
// word "secret" or a number from 900,001 on, whatever the way.
#include <array>
#include <atomic>
#include <fstream>
#include <regex>
#include <thread>

#include "analytics/questions/sql_guard.h"
#include "analytics/questions/test_questions.h"

namespace atlas::analytics {
namespace {

class SandboxTest : public QuestionsTest {
protected:
    SandboxTest() {
        fill({{.entity = 20, .attribute = 1, .at = 0, .value = std::string("online")},
              {.entity = 20, .attribute = 2, .at = 0, .value = 1.5},
              {.entity = 20, .attribute = 2, .at = 61, .value = 2.5},
              {.entity = 21, .attribute = 2, .at = 1, .value = 4.5},
              {.entity = 21, .attribute = 3, .at = 1, .value = std::int64_t{7}},
              {.entity = 22, .attribute = 4, .at = 1, .value = duckdb::test::Digits{"0.10"}},
              {.entity = 22, .attribute = 7, .at = 1, .value = std::string(R"({"a": [1]})")}});
        fill_theirs();
        std::ofstream(folder_.path() / "out" / "secret.csv") << "a\nsecret\n";
        std::ofstream(folder_.path() / "secret.csv") << "a\nsecret\n";
    }
    std::string in_folder(std::string text) {
        const std::string path = folder_.path();
        for (std::size_t at = 0; (at = text.find("DIR", at)) != std::string::npos;) {
            text.replace(at, 3, path);
        }
        return text;
    }
};

// Rows, or errors, that betray the other tenant. The statement's own words do not count.
bool betrays(const std::string& answer) {
    static const std::regex secret(R"(secret|9000\d\d|\b[3]\d\b)");
    return std::regex_search(answer, secret);
}

const std::vector<std::string> kAttempts{
    // Names that lead elsewhere.
    "SELECT * FROM store.points", "SELECT * FROM store.recent",
    "SELECT * FROM analytics.store.recent", "SELECT * FROM analytics.main.fact_telemetry",
    "SELECT * FROM main.fact_telemetry", "SELECT * FROM temp.fact_telemetry",
    "SELECT * FROM temp.main.fact_telemetry",
    "SELECT * FROM \"analytics\".\"main\".\"fact_telemetry\"", "SELECT * FROM recent",
    "SELECT * FROM points", "SELECT * FROM entities", "SELECT * FROM tenants",
    "TABLE store.tenants", "FROM store.entity_jsonb",
    // The catalog.
    "SELECT * FROM duckdb_tables()", "SELECT * FROM duckdb_tables", "SELECT * FROM duckdb_views()",
    "SELECT sql FROM duckdb_views", "SELECT * FROM duckdb_databases()",
    "SELECT * FROM duckdb_settings()", "SELECT * FROM duckdb_functions()",
    "SELECT * FROM duckdb_secrets()", "SELECT * FROM information_schema.tables",
    "SELECT * FROM sqlite_master", "SELECT * FROM pg_catalog.pg_tables",
    "SELECT * FROM pragma_table_info('store.recent')",
    "SELECT * FROM pragma_storage_info('fact_telemetry')", "SELECT * FROM pg_timezone_names()",
    "SHOW TABLES", "SHOW ALL TABLES", "DESCRIBE fact_telemetry", "DESCRIBE store.recent",
    "SUMMARIZE fact_telemetry", "EXPLAIN SELECT * FROM fact_telemetry",
    "EXPLAIN ANALYZE SELECT * FROM fact_telemetry",
    // Files and network.
    "SELECT * FROM 'DIR/secret.csv'", "SELECT * FROM 'DIR/out/secret.csv'",
    "SELECT * FROM \"DIR/out/secret.csv\"", "SELECT * FROM read_csv('DIR/out/secret.csv')",
    "SELECT * FROM read_csv_auto('DIR/out/secret.csv')", "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM read_blob('DIR/analytics.duckdb')",
    "SELECT * FROM read_parquet('DIR/*.parquet')", "SELECT * FROM read_json('DIR/out/secret.csv')",
    "SELECT * FROM parquet_metadata('x')", "SELECT * FROM glob('DIR/*')",
    "SELECT * FROM sniff_csv('DIR/out/secret.csv')",
    "SELECT * FROM read_duckdb('DIR/analytics.duckdb')",
    "SELECT * FROM 'https://example.com/a.parquet'", "SELECT * FROM arrow_scan(1, 2, 3)",
    "COPY fact_telemetry TO 'DIR/out/x.csv'", "COPY (SELECT 1) TO 'DIR/out/x.csv'",
    "EXPORT DATABASE 'DIR/out'", "IMPORT DATABASE 'DIR/out'",
    "ATTACH 'DIR/analytics.duckdb' AS other", "ATTACH ':memory:' AS other", "DETACH analytics",
    "LOAD httpfs", "INSTALL httpfs",
    // Statements that run others.
    "SELECT * FROM query('SELECT * FROM store.recent')",
    "SELECT * FROM query_table('store.recent')", "SELECT * FROM query_table(['recent'])",
    "SELECT * FROM json_execute_serialized_sql(json_serialize_sql('FROM store.recent'))",
    "SELECT json_serialize_plan('SELECT * FROM store.recent')",
    "SELECT json_serialize_sql('SELECT 1')", "SELECT * FROM seq_scan('recent')",
    "PREPARE x AS SELECT * FROM store.recent", "EXECUTE x", "CALL duckdb_tables()",
    // Changes.
    "INSERT INTO store.recent SELECT * FROM store.recent", "UPDATE store.recent SET tenant_id = 2",
    "DELETE FROM store.recent", "DROP VIEW fact_telemetry", "CREATE TABLE x AS SELECT 1",
    "CREATE OR REPLACE TEMP VIEW fact_telemetry AS FROM analytics.main.fact_telemetry",
    "CREATE MACRO lower(x) AS x", "CREATE SCHEMA x", "ALTER TABLE store.recent ADD COLUMN x INT",
    "USE analytics", "SET search_path = 'analytics'", "SET enable_external_access = true",
    "RESET threads", "PRAGMA database_list", "PRAGMA show_tables", "CHECKPOINT", "VACUUM", "BEGIN",
    "COMMIT",
    // Several statements at once.
    "SELECT 1; SELECT * FROM store.recent", "SELECT 1; DROP VIEW fact_telemetry",
    "USE analytics; SELECT * FROM fact_telemetry",
    // Names of common table expressions that shadow, or seem to.
    "WITH fact_telemetry AS (FROM store.recent) FROM fact_telemetry",
    "WITH fact_telemetry AS (SELECT * FROM analytics.main.fact_telemetry) FROM fact_telemetry",
    "WITH recent AS (SELECT * FROM recent) SELECT * FROM recent",
    "WITH duckdb_views AS (SELECT 1), x AS (FROM duckdb_views) FROM x, duckdb_views()",
    "WITH sqlite_master AS (SELECT * FROM sqlite_master) FROM sqlite_master",
    "WITH x AS (WITH sqlite_master AS (SELECT 1) SELECT 1) SELECT * FROM x, sqlite_master",
    R"(WITH x AS (WITH "DIR/out/secret.csv" AS (SELECT 1) SELECT 1) FROM "DIR/out/secret.csv")",
    "WITH a AS (FROM b), b AS (FROM store.recent) FROM a",
    "WITH RECURSIVE t AS (SELECT 1 AS n UNION ALL SELECT n FROM store.recent) FROM t",
    "SELECT (WITH sqlite_master AS (SELECT 1 AS a) SELECT a FROM sqlite_master), "
    "(SELECT count(*) FROM sqlite_master)",
    // References hidden in the corners of a query.
    "SELECT 1 WHERE EXISTS (FROM store.recent)",
    "SELECT (SELECT max(text_value) FROM store.recent)",
    "SELECT 1 IN (SELECT tenant_id FROM store.recent)",
    "SELECT 1 ORDER BY (SELECT max(text_value) FROM store.recent)",
    "SELECT 1 LIMIT (SELECT count(*) FROM store.recent)",
    "SELECT * FROM fact_telemetry f JOIN LATERAL (SELECT * FROM store.recent) r ON true",
    "SELECT * FROM fact_telemetry ASOF JOIN store.recent r ON r.observed_at <= ingested_at",
    "SELECT count(*) FILTER (WHERE (SELECT true FROM store.recent)) FROM fact_telemetry",
    "SELECT sum(1) OVER (PARTITION BY (SELECT max(text_value) FROM store.recent))",
    "FROM (PIVOT store.recent ON tenant_id USING count(*))",
    "FROM store.recent PIVOT (count(*) FOR tenant_id IN (2, 3))",
    "FROM store.recent UNPIVOT (v FOR n IN (int_value, text_value))",
    "SELECT 1 UNION ALL SELECT tenant_id FROM store.recent",
    "SELECT 1 FROM fact_telemetry GROUP BY (SELECT max(text_value) FROM store.recent)",
    "SELECT 1 HAVING (SELECT true FROM store.recent)",
    "SELECT 1 QUALIFY (SELECT true FROM store.recent)",
    "SELECT * FROM fact_telemetry AT (VERSION => 1)",
    "VALUES ((SELECT max(text_value) FROM store.recent))",
    "SELECT list_transform([1], lambda x: (SELECT max(text_value) FROM store.recent))",
    "SELECT [(SELECT max(text_value) FROM store.recent) FOR x IN [1]]",
    "SELECT * FROM unnest((SELECT list(text_value) FROM store.recent))",
    "SELECT * FROM generate_series(1, (SELECT max(tenant_id) FROM store.recent))",
    // Functions that know more than their arguments.
    "SELECT getvariable('x')", "SELECT current_setting('access_mode')", "SELECT getenv('HOME')",
    "SELECT main.getenv('HOME')", "SELECT pg_catalog.pg_get_viewdef(1)", "SELECT current_query()",
    "SELECT current_connection_id()", "SELECT version()", "SELECT nextval('x')",
    "SELECT stats(value) FROM fact_telemetry", "SELECT write_log('x')",
    "SELECT error(value) FROM fact_telemetry", "SELECT sleep_ms(10)", "SELECT txid_current()",
    "SELECT atlas_convert_text('int', 'string', 900001, NULL, NULL)",
    "SELECT repeat('x', 2000000000)", "SELECT lpad('x', 2000000000, 'x')",
    "SELECT printf('%2000000000d', 1)", "SELECT list_reduce(range(100000000), lambda x, y: x + y)",
    "SELECT add_parquet_key('a', 'b')", "SELECT 'x'::analytics.main.secret",
    // What is allowed, asked for the other tenant.
    "SELECT * FROM fact_telemetry WHERE tenant_id = 3",
    "SELECT * FROM fact_telemetry WHERE tenant_id = 3 OR true",
    "SELECT * FROM fact_telemetry WHERE true OR tenant_id = 2", "SELECT * FROM dim_tenants",
    "SELECT * FROM dim_entities", "SELECT * FROM dim_attributes",
    "SELECT * FROM fact_current_state", "SELECT * FROM agg_daily_entity_stats",
    "SELECT count(*) FROM fact_telemetry WHERE value_int > 900000",
    "SELECT max(value_decimal), max(value_double), max(value_int) FROM fact_telemetry",
    "SELECT * FROM fact_telemetry f FULL JOIN dim_entities e USING (entity_id)",
    "SELECT list(DISTINCT value) FROM fact_telemetry",
    "SELECT approx_quantile(value_double, 1.0) FROM fact_telemetry",
    "SELECT * FROM fact_telemetry TABLESAMPLE 100%", "SELECT * FROM dim_entities TABLESAMPLE 100%",
    "SELECT fact_telemetry FROM fact_telemetry", "SELECT COLUMNS('.*') FROM dim_tenants",
    // Errors that would name a value of the other tenant.
    "SELECT * FROM fact_telemetry WHERE CAST(value AS INT) > 5 AND attribute_name = 'cycles'",
    "SELECT sum(CAST(external_id AS INT)) FROM dim_entities",
    "SELECT CAST(tenant_name AS INT) FROM dim_tenants",
    "SELECT * FROM dim_entities WHERE CAST(entity_type AS INT) = 1",
    "SELECT * FROM fact_telemetry WHERE CAST(value AS DATE) = DATE '2026-11-20'",
    "SELECT * FROM fact_telemetry WHERE value::JSON ->> 'secret' = 'x'",
    "SELECT * FROM fact_telemetry WHERE value_int::TINYINT = 1",
    "SELECT CAST(hot_attrs ->> 'status' AS INT) FROM fact_current_state"};

TEST_F(SandboxTest, NoAttemptReachesAnotherTenant) {
    ASSERT_GE(kAttempts.size(), 60U);
    for (const std::string& attempt : kAttempts) {
        const std::string text = in_folder(attempt);
        const auto table =
            reader_->sql({.sql = text}, query::ResultFormat::json, {.tenant = kOurs});
        if (table) {
            EXPECT_FALSE(betrays(table->rows)) << attempt << "\n" << table->rows;
            continue;
        }
        // The message may repeat the statement's own names.
        const auto& error = table.error();
        EXPECT_TRUE(error.code == query::ErrorCode::sql_not_allowed ||
                    error.code == query::ErrorCode::invalid_sql)
            << attempt << "\n"
            << describe(error);
        if (attempt.find("secret") == std::string::npos &&
            attempt.find("9000") == std::string::npos) {
            EXPECT_FALSE(betrays(error.detail)) << attempt << "\n" << error.detail;
        }
    }
    // And nothing was changed or written.
    EXPECT_EQ(duckdb::test::all(*store_, "SELECT count(*) FROM store.points WHERE tenant_id = 3"),
              "215\n");
    EXPECT_FALSE(std::filesystem::exists(folder_.path() / "out" / "x.csv"));
}

// The same through parameters: text that is bound never becomes a name.
TEST_F(SandboxTest, ParametersAreValuesOnly) {
    EXPECT_EQ(sql("SELECT $1", {std::string("store.recent")}), R"([["store.recent"]])");
    const auto refused = [&](const std::string& text, query::ParameterValue value) {
        return sql(text, {std::move(value)}).substr(0, 15);
    };
    EXPECT_EQ(refused("SELECT * FROM query_table($1)", std::string("recent")), "sql_not_allowed");
    EXPECT_EQ(refused("SELECT * FROM query($1)", std::string("FROM x")), "sql_not_allowed");
    EXPECT_EQ(refused("SELECT * FROM read_csv($1)", std::string("/etc/passwd")), "sql_not_allowed");
    EXPECT_EQ(sql("SELECT count(*) FROM fact_telemetry WHERE tenant_id = $1", {std::int64_t{3}}),
              "[[0]]");
    EXPECT_EQ(sql("SELECT count(*) FROM dim_tenants WHERE tenant_name = $1",
                  {std::string("secret tenant")}),
              "[[0]]");
}

// Goal: beneath the check, the connection itself leads nowhere: the names of the store's tables are
// not found on it, and the store opens no file.
TEST_F(SandboxTest, TheSecondWallHolds) {
    ASSERT_EQ(sql("SELECT 1"), "[[1]]");
    auto connection = store_->connect();
    ASSERT_TRUE(connection);
    auto sandbox = Sandbox::open(std::move(*connection), kOurs, false);
    ASSERT_TRUE(sandbox) << describe(sandbox.error());
    for (const std::string text :
         {"FROM recent", "FROM points", "FROM entities", "FROM store.recent", "FROM main.recent",
          "FROM store.main.recent"}) {
        EXPECT_FALSE(sandbox->connection().prepare(text)) << text;
    }
    for (const std::string text :
         {"FROM read_text('/etc/hostname')", "FROM glob('/etc/*')", "LOAD httpfs",
          "ATTACH '/tmp/other.duckdb'", "COPY (SELECT 1) TO '/tmp/atlas-leak.csv'",
          "SET enable_external_access = true"}) {
        EXPECT_FALSE(sandbox->connection().execute(text)) << text;
    }
}

TEST_F(SandboxTest, AdminsOfTheSystemTenantSeeAll) {
    const auto table =
        reader_->sql({.sql = "SELECT DISTINCT tenant_id FROM fact_telemetry "
                             "ORDER BY tenant_id"},
                     query::ResultFormat::json, {.tenant = kSystemTenant, .all_tenants = true});
    EXPECT_EQ(rows(table), "[[2],[3]]");
}

// Goal: what people really write works, and says what it should.
TEST_F(SandboxTest, LegitimateStatementsWork) {
    const std::vector<std::pair<std::string, std::string>> good{
        {"SELECT 1", "[[1]]"},
        {"select count(*) from FACT_TELEMETRY;", "[[7]]"},
        {"FROM dim_tenants SELECT tenant_name -- ours", R"([["ours"]])"},
        {"SELECT external_id, avg(value_double) FROM fact_telemetry WHERE attribute_name = "
         "'pressure' GROUP BY external_id ORDER BY 2 DESC",
         R"([["pump-2",4.5],["pump-1",2]])"},
        {"WITH p AS (SELECT * FROM fact_telemetry WHERE attribute_name = 'pressure'), m AS (SELECT "
         "max(value_double) AS top FROM p) SELECT external_id FROM p, m WHERE value_double = top",
         R"([["pump-2"]])"},
        {"WITH fact_telemetry AS (SELECT * FROM fact_telemetry WHERE value_int = 7) "
         "SELECT count(*) FROM fact_telemetry",
         "[[1]]"},
        {"WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 4) SELECT "
         "sum(i) FROM n",
         "[[10]]"},
        {"SELECT e.entity_type, count(DISTINCT f.attribute_id) FROM dim_entities e JOIN "
         "fact_telemetry f USING (entity_id) GROUP BY ALL ORDER BY ALL",
         R"([["pump",3],["valve",2]])"},
        {"SELECT external_id, value_double - lag(value_double) OVER (PARTITION BY entity_id ORDER "
         "BY ingested_at) AS change FROM fact_telemetry WHERE attribute_name = 'pressure' QUALIFY "
         "change IS NOT NULL",
         R"([["pump-1",1]])"},
        {"SELECT CASE WHEN value_double > 2 THEN 'high' ELSE 'low' END AS level, count(*) FROM "
         "fact_telemetry WHERE value_double IS NOT NULL GROUP BY level ORDER BY level",
         R"([["high",2],["low",1]])"},
        {"SELECT date_trunc('hour', ingested_at) AS hour, count(*) FROM fact_telemetry GROUP BY "
         "hour ORDER BY hour",
         R"([["2026-11-20T00:00:00.000000Z",6],["2026-11-20T01:00:00.000000Z",1]])"},
        {"SELECT value_json ->> '$.a[0]' FROM fact_telemetry WHERE value_json IS NOT NULL",
         R"([["1"]])"},
        {"SELECT hot_attrs ->> 'site' FROM fact_current_state ORDER BY 1",
         R"([["north"],["south"],["south"]])"},
        {"SELECT value, value_decimal FROM fact_telemetry WHERE attribute_name = 'price'",
         R"([["0.10",0.100000000000]])"},
        {"SELECT i FROM range(3) AS r(i) WHERE i NOT IN (SELECT 1)", "[[0],[2]]"},
        {"SELECT list(value_double ORDER BY value_double) FROM fact_telemetry WHERE value_double "
         "IS NOT NULL",
         "[[[1.5,2.5,4.5]]]"},
        {"SELECT value_count, sum_value FROM agg_daily_entity_stats WHERE attribute_name = "
         "'pressure' ORDER BY sum_value",
         "[[2,4],[1,4.5]]"},
        {"SELECT quantile_cont(value_double, 0.5), stddev_samp(value_double) > 1 FROM "
         "fact_telemetry",
         "[[2.5,true]]"},
        {"SELECT attribute_name FROM dim_attributes WHERE attribute_name LIKE 'p%' UNION SELECT "
         "'z' ORDER BY 1 LIMIT 2 OFFSET 1",
         R"([["price"],["z"]])"},
        {"SELECT INTERVAL 1 DAY, DATE '2026-11-20', {'a': 1}, NULL, true, 1e300, "
         "170141183460469231731687303715884105727",
         R"([["1 day","2026-11-20",{"a":1},null,true,1e+300,)"
         R"(170141183460469231731687303715884105727]])"},
        {"FROM fact_telemetry PIVOT (count(*) FOR attribute_name IN ('pressure', 'price') GROUP BY "
         "entity_type) ORDER BY ALL",
         R"([["pump",3,0],["valve",0,1]])"}};
    ASSERT_GE(good.size(), 20U);
    for (const auto& [text, expected] : good) EXPECT_EQ(sql(text), expected) << text;
}

TEST_F(SandboxTest, ErrorsSayWhere) {
    const auto position = [&](const std::string& text) {
        const auto table =
            reader_->sql({.sql = text}, query::ResultFormat::json, {.tenant = kOurs});
        EXPECT_FALSE(table) << text;
        return std::string(query::to_string(table.error().code)) + " " +
               std::to_string(table.error().position.value_or(0));
    };
    EXPECT_EQ(position("SELEC 1"), "invalid_sql 1");
    EXPECT_EQ(position("SELECT 'ä' FRM x y z"), "invalid_sql 16");
    EXPECT_EQ(position("SELECT 1\nFROM duckdb_tables()"), "sql_not_allowed 15");
    EXPECT_EQ(position("SELECT 'ä', getenv('HOME')"), "sql_not_allowed 13");
    EXPECT_EQ(position("SELECT 1,\n  nothing FROM dim_tenants"), "invalid_sql 13");
    EXPECT_EQ(position("DROP TABLE x"), "sql_not_allowed 1");
    EXPECT_EQ(position(""), "invalid_sql 1");
    EXPECT_EQ(position("SELECT 1; SELECT 2"), "invalid_sql 1");
    EXPECT_NE(sql("FROM duckdb_tables()").find("duckdb_tables"), std::string::npos);
    EXPECT_NE(sql("FROM store.recent").find("store.recent"), std::string::npos);
    EXPECT_EQ(sql("SELECT $1").substr(0, 13), "invalid_field");
    EXPECT_EQ(sql("SELECT 1", {std::int64_t{1}}).substr(0, 13), "invalid_field");
    EXPECT_EQ(sql(std::string(70'000, ' ')).substr(0, 11), "invalid_sql");
    EXPECT_EQ(sql("SELECT " + std::string(500, '(') + "1" + std::string(500, ')')).substr(0, 5),
              "[[1]]");
}

TEST_F(SandboxTest, RowsAreLimited) {
    const auto table = reader_->sql({.sql = "SELECT * FROM range(100001)"},
                                    query::ResultFormat::csv, {.tenant = kOurs});
    ASSERT_TRUE(table) << describe(table.error());
    EXPECT_TRUE(table->truncated);
    EXPECT_TRUE(table->rows.ends_with("99999\r\n"));
    const auto whole = reader_->sql({.sql = "SELECT * FROM range(100000)"},
                                    query::ResultFormat::csv, {.tenant = kOurs});
    EXPECT_FALSE(whole->truncated);
}

TEST_F(SandboxTest, TimeIsLimited) {
    ReaderOptions brief{.query_timeout = std::chrono::milliseconds{50}};
    AnalyticsReader reader(
        *store_,
        [](TenantId tenant, bool) -> query::Answer<model::TenantCatalogPtr> {
            return test_catalog(tenant);
        },
        clock_, brief);
    const auto table = reader.sql(
        {.sql = "WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n) SELECT max(i) "
                "FROM n"},
        query::ResultFormat::json, {.tenant = kOurs});
    ASSERT_FALSE(table);
    EXPECT_EQ(table.error().code, query::ErrorCode::limit_exceeded);
    EXPECT_EQ(table.error().parameter, "time");
    // And the store goes on.
    EXPECT_EQ(sql("SELECT 1"), "[[1]]");
}

// Goal: a store that is being filled gives no partial answers.
TEST_F(SandboxTest, AStoreThatIsBeingFilledDoesNotAnswer) {
    bool filled = false;
    AnalyticsReader reader(*store_,
                           [](TenantId tenant, bool) -> query::Answer<model::TenantCatalogPtr> {
                               return test_catalog(tenant);
                           },
                           clock_,
                           {.filled = [&] { return filled; }, .folder = folder_.path() / "out"});
    const auto code = [&] {
        const auto table =
            reader.sql({.sql = "SELECT 1"}, query::ResultFormat::json, {.tenant = kOurs});
        return table ? "answered" : query::to_string(table.error().code);
    };
    EXPECT_EQ(code(), "analytics_unavailable");
    filled = true;
    EXPECT_EQ(code(), "answered");
}

TEST_F(SandboxTest, FormatsHoldEveryDigit) {
    EXPECT_EQ(
        sql("SELECT 'a,\"b' AS \"x,y\", NULL AS n, '' AS e, 0.1::DOUBLE AS d, 'NaN'::DOUBLE AS f",
            {}, query::ResultFormat::csv),
        "\"x,y\",n,e,d,f\r\n\"a,\"\"b\",,\"\",0.1,NaN\r\n");
    EXPECT_EQ(
        sql("SELECT 9007199254740993 AS i, 'NaN'::DOUBLE AS f", {}, query::ResultFormat::ndjson),
        "{\"i\":9007199254740993,\"f\":null}\n");
    EXPECT_EQ(sql("SELECT TIMESTAMPTZ 'infinity', TIMESTAMP '-infinity', DATE 'infinity', "
                  "DATE '-infinity'"),
              "[[null,null,null,null]]");
    const std::string parquet = sql("SELECT sum(value_int) AS s, [1] AS l FROM fact_telemetry", {},
                                    query::ResultFormat::parquet);
    EXPECT_TRUE(parquet.starts_with("PAR1")) << parquet;
    std::ofstream(folder_.path() / "out" / "x.parquet", std::ios::binary) << parquet;
    EXPECT_EQ(
        duckdb::test::all(*store_, "SELECT *, typeof(s) FROM read_parquet('" +
                                       (folder_.path() / "out" / "x.parquet").string() + "')"),
        "7|[1]|DECIMAL(38,0)\n");
}

TEST_F(SandboxTest, StatementsBegunAtOnceDoNotHinderEachOther) {
    for (int round = 0; round < 20; ++round) {
        open();
        std::atomic<int> waiting{4};
        std::array<std::string, 4> found;
        std::vector<std::thread> threads;
        for (std::string& rows : found) {
            threads.emplace_back([&] {
                for (--waiting; waiting > 0;) std::this_thread::yield();
                rows = sql("SELECT count(*) FROM dim_tenants");
            });
        }
        for (std::thread& thread : threads) thread.join();
        for (const std::string& rows : found) ASSERT_EQ(rows, "[[1]]");
    }
}

// Goal: a parameter whose type the statement leaves open costs no column.
TEST_F(SandboxTest, ParametersOfAnyTypeAreResults) {
    const auto ask = [this](const std::string& text, std::vector<query::ParameterValue> params) {
        const auto table = reader_->sql({.sql = text, .params = std::move(params)},
                                        query::ResultFormat::csv, {.tenant = kOurs});
        return table ? table->rows : describe(table.error());
    };
    EXPECT_EQ(ask("SELECT $1 AS a, external_id, entity_type FROM dim_entities ORDER BY 2 LIMIT 1",
                  {std::string("x")}),
              "a,external_id,entity_type\r\nx,pump-1,pump\r\n");
    EXPECT_EQ(ask("SELECT 1 AS one, $1 AS a, 3 AS three", {std::int64_t{5}}),
              "one,a,three\r\n1,5,3\r\n");
    EXPECT_EQ(ask("SELECT CASE WHEN value_double > $1 THEN $2 ELSE $3 END AS level, count(*) AS n "
                  "FROM fact_telemetry WHERE attribute_name = 'pressure' GROUP BY 1 ORDER BY 1",
                  {2.0, std::string("hi"), std::string("lo")}),
              "level,n\r\nhi,2\r\nlo,1\r\n");
    EXPECT_EQ(ask("SELECT *, $1 AS run FROM dim_tenants", {std::string("r1")}),
              "tenant_id,tenant_name,created_at,is_active,run\r\n"
              "2,ours,2026-11-20T00:00:00.000000Z,true,r1\r\n");
}

TEST_F(SandboxTest, CsvHasTextWithoutTheQuotesOfJson) {
    EXPECT_EQ(sql("SELECT INTERVAL 1 DAY AS i, 'c3a4f1a0-0000-4000-8000-000000000001'::UUID AS u, "
                  "TIME '12:30:00' AS t, [1, 2] AS l",
                  {}, query::ResultFormat::csv),
              "i,u,t,l\r\n1 day,c3a4f1a0-0000-4000-8000-000000000001,12:30:00,\"[1,2]\"\r\n");
}

// Goal: what other readers of Parquet take for bytes, or refuse together with its file, is text.
TEST_F(SandboxTest, ParquetHasOnlyWhatOthersRead) {
    const std::string parquet =
        sql("SELECT INTERVAL 1 DAY AS i, '{\"a\": 1}'::JSON AS j, "
            "'c3a4f1a0-0000-4000-8000-000000000001'::UUID AS u FROM fact_telemetry LIMIT 1",
            {}, query::ResultFormat::parquet);
    ASSERT_TRUE(parquet.starts_with("PAR1")) << parquet;
    const std::string file = (folder_.path() / "out" / "x.parquet").string();
    std::ofstream(file, std::ios::binary) << parquet;
    EXPECT_EQ(duckdb::test::all(*store_, "SELECT name, type, converted_type FROM parquet_schema('" +
                                             file + "') WHERE type IS NOT NULL ORDER BY name"),
              "i|BYTE_ARRAY|UTF8\nj|BYTE_ARRAY|UTF8\nu|BYTE_ARRAY|UTF8\n");
    EXPECT_EQ(duckdb::test::all(*store_, "FROM read_parquet('" + file + "')"),
              "1 day|{\"a\": 1}|c3a4f1a0-0000-4000-8000-000000000001\n");
}

}  // namespace
}  // namespace atlas::analytics
