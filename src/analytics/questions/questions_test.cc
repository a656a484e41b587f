// SPDX-License-Identifier: Apache-2.0
//
// Goal: structured questions are answered as they are meant, whichever source they are taken from,
// and to the last digit.
#include "analytics/questions/test_questions.h"
#include "base/json_writer.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>

namespace atlas::analytics {
namespace {

using duckdb::test::Digits;

constexpr auto kWindow = R"("from": "2026-11-20T00:00:00Z", "to": "2026-11-21T00:00:00Z", )";

std::string question(std::string_view rest) {
    return "{" + std::string(kWindow) + std::string(rest) + "}";
}

TEST_F(QuestionsTest, AverageByHour) {
    fill({{.entity = 20, .attribute = 2, .at = 0, .value = 1.0},
          {.entity = 21, .attribute = 2, .at = 59, .value = 2.0},
          {.entity = 20, .attribute = 2, .at = 60, .value = 4.5},
          {.entity = 20, .attribute = 2, .at = 61, .value = std::monostate{}}});
    fill_theirs();
    const std::string hours = question(
        R"("measures": [{"agg": "avg", "attribute": "pressure"},
                        {"agg": "count", "attribute": "pressure"}],
           "group_by": [{"bucket": "1h"}])");
    const std::string expected =
        R"([["2026-11-20T00:00:00.000000Z",1.5,2],["2026-11-20T01:00:00.000000Z",4.5,1]])";
    EXPECT_EQ(ask(hours), expected);
    ASSERT_TRUE(store_->compact());
    EXPECT_EQ(ask(hours), expected);
}

// Goal: rollups, points and the values themselves give the same, also where the range begins and
// ends within an hour.
TEST_F(QuestionsTest, SourcesAgree) {
    Points points;
    for (int i = 0; i < 500; ++i) {
        const std::int64_t entity = 20 + i % 3;
        points.push_back({.entity = entity, .attribute = 2, .at = i, .value = i * 0.1 - 7});
        points.push_back(
            {.entity = entity, .attribute = 3, .at = i, .value = std::int64_t{i * i - 1000}});
    }
    fill(points);
    ASSERT_TRUE(store_->compact());
    const auto measures = [](std::string_view more) {
        std::string out = R"("from": "2026-11-20T00:17:00Z", "to": "2026-11-20T07:43:00Z",
            "group_by": [{"bucket": "2h"}, {"field": "type"}], "measures": [)";
        for (const std::string attribute : {"pressure", "cycles"}) {
            for (const std::string agg :
                 {"avg", "sum", "min", "max", "count", "first", "last", "count_entities"}) {
                out += R"({"agg": ")" + agg + R"(", "attribute": ")" + attribute + "\"},";
            }
        }
        out += std::string(more);
        return "{" + out + R"({"agg": "count"}]})";
    };
    // A median needs the points, so the second question takes no rollup.
    const auto request = [&](std::string_view more) {
        return boost::json::parse(ask(measures(more)));
    };
    const auto rollup = request("");
    const auto raw = request(R"({"agg": "median", "attribute": "pressure"},
                                {"agg": "median", "attribute": "cycles"},)");
    ASSERT_EQ(rollup.as_array().size(), 8U);
    for (std::size_t i = 0; i < 8; ++i) {
        for (std::size_t column = 0; column < 18; ++column) {
            EXPECT_EQ(rollup.at(i).at(column), raw.at(i).at(column)) << i << " " << column;
        }
        EXPECT_EQ(rollup.at(i).at(18), raw.at(i).at(20));
    }
}

// Of values at one instant the first is that of the entity that was registered first, from every
// source.
TEST_F(QuestionsTest, TheFirstAndTheLastOfOneInstant) {
    Points points;
    for (const std::int64_t entity : {22, 20, 21}) {
        for (const std::int64_t at : {0, 70}) {
            points.push_back({.entity = entity, .attribute = 2, .at = at, .value = entity * 1.5});
            points.push_back({.entity = entity, .attribute = 3, .at = at, .value = entity});
            points.push_back({.entity = entity,
                              .attribute = 4,
                              .at = at,
                              .value = Digits{std::to_string(entity) + ".5"}});
        }
    }
    fill(points);
    std::string measures;
    for (const std::string attribute : {"pressure", "cycles", "price"}) {
        for (const std::string agg : {"first", "last"}) {
            measures += R"({"agg": ")" + agg + R"(", "attribute": ")" + attribute + "\"},";
        }
    }
    const std::string rollup =
        question(R"("measures": [)" + measures + R"({"agg": "count", "attribute": "status"}])");
    const std::string raw =
        question(R"("measures": [)" + measures + R"({"agg": "count", "attribute": "status"},
            {"agg": "p50", "attribute": "pressure"}, {"agg": "p50", "attribute": "cycles"}])");
    for (int round = 0; round < 2; ++round) {
        EXPECT_EQ(ask(rollup), "[[30,33,20,22,20.5,22.5,0]]");
        EXPECT_EQ(ask(raw), "[[30,33,20,22,20.5,22.5,0,31.5,21]]");
        ASSERT_TRUE(store_->compact());
    }
}

// Goal: int, decimal and double survive end to end with all digits; medians of decimals are not
// cut to their scale.
TEST_F(QuestionsTest, NumbersAreExact) {
    const std::int64_t large = 9'007'199'254'740'993;  // no double
    fill({{.entity = 20, .attribute = 4, .at = 1, .value = Digits{"0.1"}},
          {.entity = 20, .attribute = 4, .at = 2, .value = Digits{"0.20"}},
          {.entity = 20,
           .attribute = 4,
           .at = 3,
           .value = Digits{"123456789012345678901234567890.5"}},
          {.entity = 20, .attribute = 4, .at = 4, .value = Digits{"0.25"}},
          {.entity = 20, .attribute = 3, .at = 1, .value = large},
          {.entity = 20, .attribute = 3, .at = 2, .value = large + 1},
          {.entity = 20, .attribute = 3, .at = 3, .value = std::int64_t{9'223'372'036'854'775'807}},
          {.entity = 20,
           .attribute = 3,
           .at = 4,
           .value = std::int64_t{9'223'372'036'854'775'807}}});
    const auto one = [&](std::string_view agg, std::string_view attribute) {
        return ask(question(R"("measures": [{"agg": ")" + std::string(agg) +
                            R"(", "attribute": ")" + std::string(attribute) + "\"}]"));
    };
    EXPECT_EQ(one("sum", "price"), "[[123456789012345678901234567891.05]]");
    EXPECT_EQ(one("median", "price"), "[[0.225]]");
    EXPECT_EQ(one("max", "price"), "[[123456789012345678901234567890.5]]");
    EXPECT_EQ(one("first", "price"), "[[0.1]]");
    EXPECT_EQ(one("count_distinct", "price"), "[[4]]");
    EXPECT_EQ(one("min", "cycles"), "[[9007199254740993]]");
    EXPECT_EQ(one("sum", "cycles"), "[[18464758472219033601]]");
    EXPECT_EQ(one("p1", "cycles"), "[[9007199254740993.03]]");
    EXPECT_EQ(one("median", "cycles"), "[[4616189618054758400.5]]");
    EXPECT_EQ(one("last", "cycles"), "[[9223372036854775807]]");
}

// Entities and distinct values beside what is measured value by value.
TEST_F(QuestionsTest, CountsBesideExactNumbers) {
    const std::int64_t large = 9'007'199'254'740'993;
    Points points;
    for (int i = 0; i < 4; ++i) {
        points.push_back({.entity = 20 + i % 2, .attribute = 3, .at = i, .value = large + i / 2});
        points.push_back({.entity = 20 + i % 2,
                          .attribute = 4,
                          .at = i,
                          .value = Digits{i < 2 ? "0.10" : "0.1"}});
    }
    fill(points);
    const auto all = [&](const std::string& attribute) {
        std::string measures;
        for (const char* agg : {"count_entities", "median", "count_distinct", "sum"}) {
            measures += std::string(measures.empty() ? "" : ", ") + R"({"agg": ")" + agg +
                        R"(", "attribute": ")" + attribute + "\"}";
        }
        return ask(question("\"measures\": [" + measures + "]"));
    };
    EXPECT_EQ(all("price"), "[[2,0.1,1,0.40]]");
    EXPECT_EQ(all("cycles"), "[[2,9007199254740993.5,2,36028797018963974]]");
}

TEST_F(QuestionsTest, PercentilesOfIntsAreExact) {
    Points points;
    for (int i = 0; i < 101; ++i) {
        points.push_back({.entity = 20, .attribute = 3, .at = i, .value = std::int64_t{i * 3}});
    }
    points.push_back({.entity = 21, .attribute = 3, .at = 1, .value = std::int64_t{1}});
    fill(points);
    EXPECT_EQ(ask(question(R"("measures": [{"agg": "p7", "attribute": "cycles"},
        {"agg": "median", "attribute": "cycles"}, {"agg": "p95", "attribute": "cycles"}])")),
              "[[18.21,148.5,284.85]]");
}

TEST_F(QuestionsTest, GroupsByTheValueOfAnAttribute) {
    fill({{.entity = 20, .attribute = 6, .at = 0, .value = std::string("north")},
          {.entity = 20, .attribute = 2, .at = 1, .value = 1.0},
          {.entity = 20, .attribute = 6, .at = 2, .value = std::string("south")},
          {.entity = 20, .attribute = 2, .at = 3, .value = 3.0},
          {.entity = 21, .attribute = 6, .at = 0, .value = std::string("south")},
          {.entity = 21, .attribute = 2, .at = 1, .value = 5.0},
          {.entity = 22, .attribute = 2, .at = 1, .value = 7.0}});
    const auto grouped = [&](std::string_view as_of) {
        return ask(question(R"("measures": [{"agg": "avg", "attribute": "pressure"},
            {"agg": "count_entities", "attribute": "pressure"}],
            "group_by": [{"attribute": "site", "as_of": ")" +
                            std::string(as_of) + "\"}]"));
    };
    EXPECT_EQ(grouped("window"), R"([["south",3,2],[null,7,1]])");
    EXPECT_EQ(grouped("sample"), R"([["north",1,1],["south",4,2],[null,7,1]])");
}

TEST_F(QuestionsTest, HavingOrderAndLimit) {
    Points points;
    for (int i = 0; i < 10; ++i) {
        for (int n = 0; n <= i; ++n) {
            points.push_back(
                {.entity = 20, .attribute = 3, .at = i * 60 + n, .value = std::int64_t{i}});
        }
    }
    fill(points);
    EXPECT_EQ(ask(question(R"("measures": [{"name": "n", "agg": "count"},
        {"name": "mean", "agg": "avg", "attribute": "cycles"}], "group_by": [{"bucket": "1h"}],
        "having": "n >= 4 AND mean != 5", "order_by": "mean desc", "limit": 3)")),
              R"([["2026-11-20T09:00:00.000000Z",10,9],["2026-11-20T08:00:00.000000Z",9,8],)"
              R"(["2026-11-20T07:00:00.000000Z",8,7]])");
}

// Goal: buckets begin where query/bucket.h says, whatever the zone does: the day on which clocks
// go back has 25 hours in Berlin.
TEST_F(QuestionsTest, BucketsOfZones) {
    const Time day = *parse_rfc3339("2026-10-24T22:00:00Z");  // the 25th in Berlin
    Points points;
    for (int hour = -1; hour <= 25; ++hour) {
        points.push_back({2, 20, 3, to_micros(day) + hour * 60 * kMinute, std::int64_t{hour}});
    }
    apply(points);
    EXPECT_EQ(ask(R"({"from": "2026-10-01T00:00:00Z", "to": "2026-11-01T00:00:00Z",
        "measures": [{"agg": "count"}, {"agg": "sum", "attribute": "cycles"}],
        "group_by": [{"bucket": "1d", "timezone": "Europe/Berlin"}]})"),
              R"([["2026-10-23T22:00:00.000000Z",1,-1],["2026-10-24T22:00:00.000000Z",25,300],)"
              R"(["2026-10-25T23:00:00.000000Z",1,25]])");
    EXPECT_EQ(ask(R"({"from": "2026-10-01T00:00:00Z", "to": "2026-11-01T00:00:00Z",
        "measures": [{"agg": "count"}], "group_by": [{"bucket": "1w"}]})"),
              R"([["2026-10-19T00:00:00.000000Z",27]])");
    EXPECT_EQ(ask(R"({"from": "2026-09-01T00:00:00Z", "to": "2026-12-01T00:00:00Z",
        "measures": [{"agg": "count"}], "group_by": [{"bucket": "1mo"}]})"),
              R"([["2026-10-01T00:00:00.000000Z",27]])");
    EXPECT_EQ(ask(R"({"from": "2026-10-24T00:00:00Z", "to": "2026-10-25T00:00:00Z",
        "measures": [{"agg": "count"}], "group_by": [{"bucket": "7m"}], "limit": 1})"),
              R"([["2026-10-24T20:57:00.000000Z",1]])");
}

TEST_F(QuestionsTest, EveryAttributeByItsName) {
    fill({{.entity = 20, .attribute = 2, .at = 0, .value = 1.5},
          {.entity = 20, .attribute = 3, .at = 0, .value = std::int64_t{2}},
          {.entity = 21, .attribute = 3, .at = 1, .value = std::int64_t{5}},
          {.entity = 20, .attribute = 4, .at = 0, .value = Digits{"0.10"}},
          {.entity = 20, .attribute = 1, .at = 0, .value = std::string("online")}});
    EXPECT_EQ(ask(question(R"("measures": [{"agg": "median"}, {"agg": "count"}, {"agg": "last"}],
        "group_by": [{"field": "attribute"}])")),
              R"([["cycles",3.5,2,"5"],["pressure",1.5,1,"1.5"],["price",0.10,1,"0.10"],)"
              R"(["status",null,1,"online"]])");
}

TEST_F(QuestionsTest, FiltersByTheCurrentState) {
    for (const std::int64_t entity : {20, 21, 22}) {
        fill({{.entity = entity, .attribute = 3, .at = 0, .value = std::int64_t{entity}}});
    }
    const auto sum = [&](std::string_view filter) {
        std::string escaped;
        append_json_string(escaped, filter);
        return ask(question(R"("measures": [{"agg": "sum", "attribute": "cycles"}], "filter": )" +
                            escaped));
    };
    EXPECT_EQ(sum(""), "[[63]]");
    EXPECT_EQ(sum(R"(type = "pump")"), "[[41]]");
    EXPECT_EQ(sum(R"(status = "online")"), "[[20]]");
    EXPECT_EQ(sum(R"(status != "online" AND entity = "pump*")"), "[[21]]");
    EXPECT_EQ(sum(R"(NOT status = "online")"), "[[43]]");
    EXPECT_EQ(sum(R"(`odd "name'` >= 5.5)"), "[[43]]");
    EXPECT_EQ(sum(R"(`odd "name'` = (5 OR 7))"), "[[20]]");
    EXPECT_EQ(sum(R"(site = "n*" OR type = "valve")"), "[[42]]");
    EXPECT_EQ(sum(R"(site = "' OR true --")"), "[[null]]");
    EXPECT_EQ(sum(R"(created_at > "2026-11-20T00:00:00Z")"), "[[null]]");
}

TEST_F(QuestionsTest, ParquetHoldsEveryDigit) {
    fill({{.entity = 20, .attribute = 3, .at = 0, .value = std::int64_t{9'007'199'254'740'993}},
          {.entity = 20, .attribute = 4, .at = 0, .value = Digits{"0.125"}},
          {.entity = 20, .attribute = 1, .at = 0, .value = std::string("a,\"b\"\nc")},
          {.entity = 21, .attribute = 1, .at = 0, .value = std::string()}});
    const auto request = query::parse_analytics(
        question(R"("measures": [{"name": "s", "agg": "sum", "attribute": "cycles"},
            {"name": "p", "agg": "max", "attribute": "price"}],
            "group_by": [{"attribute": "status"}, {"bucket": "1h"}])"),
        clock_.system());
    const auto table = reader_->query(*request, query::ResultFormat::parquet, {.tenant = kOurs});
    ASSERT_TRUE(table) << describe(table.error());
    const auto file = folder_.path() / "out" / "x.parquet";
    std::ofstream(file, std::ios::binary) << table->rows;
    EXPECT_EQ(duckdb::test::all(*store_,
                                "SELECT status, time, s, p, typeof(s), typeof(p) FROM "
                                "read_parquet('" +
                                    file.string() + "')"),
              "a,\"b\"\nc|2026-11-20T00:00:00.000000Z|9007199254740993|0.125|DECIMAL(38,0)|"
              "DECIMAL(38,3)\n");
}

TEST_F(QuestionsTest, AnEmptyStoreAnswers) {
    EXPECT_EQ(
        ask(question(R"("measures": [{"agg": "count"}, {"agg": "avg", "attribute": "cycles"}])")),
        "[[0,null]]");
    EXPECT_EQ(ask(question(R"("measures": [{"agg": "count"}], "group_by": [{"field": "type"}])")),
              "[]");
}

TEST_F(QuestionsTest, NoOtherTenantIsCounted) {
    fill({{.entity = 20, .attribute = 3, .at = 0, .value = std::int64_t{1}}});
    fill_theirs();
    EXPECT_EQ(
        ask(question(R"("measures": [{"agg": "count"}, {"agg": "max", "attribute": "cycles"}])")),
        "[[1,1]]");
    EXPECT_EQ(ask(question(R"("measures": [{"agg": "count"}], "group_by": [{"field": "entity"}])")),
              R"([["pump-1",1]])");
}

// DuckDB never returned from a statement over fact_telemetry whose rows did not fit its buffer of a
// megabyte, and could not be interrupted.
TEST_F(QuestionsTest, LargeResultsEnd) {
    constexpr int kRows = 20'000;
    Points points;
    for (int i = 0; i < kRows; ++i) {
        points.push_back({.entity = 20, .attribute = 1, .at = i, .value = std::string(100, 'x')});
    }
    fill(points);
    const auto lines = [](const std::string& text) { return std::ranges::count(text, '\n'); };
    EXPECT_EQ(lines(sql("SELECT * FROM fact_telemetry", {}, query::ResultFormat::ndjson)), kRows);
    EXPECT_EQ(lines(sql("SELECT *, ? AS n FROM fact_telemetry", {std::int64_t{1}},
                        query::ResultFormat::ndjson)),
              kRows);
    // In the order that was asked for.
    const std::string rows = sql("SELECT observed_at FROM fact_telemetry ORDER BY 1 DESC");
    EXPECT_EQ(rows.substr(0, 34), "[[\"2026-12-03T21:19:00.000000Z\"],[");
    EXPECT_TRUE(rows.ends_with("[\"2026-11-20T00:00:00.000000Z\"]]")) << rows.substr(0, 100);
    auto stream = reader_->export_points({.attributes = {.names = {}, .everything = true}},
                                         {.tenant = kOurs});
    ASSERT_TRUE(stream) << describe(stream.error());
    std::string exported;
    for (std::string chunk; (*stream)->next(chunk).value();) exported += chunk;
    EXPECT_EQ(lines(exported), kRows);
}

TEST_F(QuestionsTest, ParquetSaysThatItWasCut) {
    const auto table = reader_->sql({.sql = "SELECT * FROM range(100001)"},
                                    query::ResultFormat::parquet, {.tenant = kOurs});
    ASSERT_TRUE(table) << describe(table.error());
    EXPECT_TRUE(table->truncated);
    const auto file = folder_.path() / "out" / "cut.parquet";
    std::ofstream(file, std::ios::binary) << table->rows;
    EXPECT_EQ(
        duckdb::test::all(*store_, "SELECT count(*) FROM read_parquet('" + file.string() + "')"),
        "100000\n");
}

// What cannot be kept on its way out is an error, never a shorter result.
TEST_F(QuestionsTest, FilesThatCannotBeWrittenOrReadAreErrors) {
    fill({{.entity = 20, .attribute = 2, .at = 0, .value = 1.5}});
    ASSERT_EQ(sql("SELECT 1"), "[[1]]");
    std::filesystem::remove(folder_.path() / "out");
    const auto request =
        query::parse_analytics(question(R"("measures": [{"agg": "count"}])"), clock_.system());
    const auto table = reader_->query(*request, query::ResultFormat::parquet, {.tenant = kOurs});
    ASSERT_FALSE(table);
    EXPECT_EQ(table.error().code, query::ErrorCode::internal);
    EXPECT_THAT(table.error().detail, testing::HasSubstr("cannot write"));
    const auto file = folder_.path() / "gone";
    const auto stream = make_file_stream({}, std::make_unique<TemporaryFile>(file));
    std::string chunk;
    EXPECT_FALSE(stream->next(chunk));
    std::ofstream(file) << "whole";
    const auto whole = make_file_stream({}, std::make_unique<TemporaryFile>(file));
    EXPECT_TRUE(whole->next(chunk).value());
    EXPECT_EQ(chunk, "whole");
    EXPECT_FALSE(whole->next(chunk).value());
    EXPECT_FALSE(whole->next(chunk).value());
}

// A double's own digits, as far as the column holds them.
TEST_F(QuestionsTest, DecimalsOfDoubles) {
    fill({{.entity = 20, .attribute = 2, .at = 0, .value = 1e22},
          {.entity = 20, .attribute = 2, .at = 1, .value = 123456789012345680.0},
          {.entity = 20, .attribute = 2, .at = 2, .value = -9223372036854775808.0},
          {.entity = 20, .attribute = 2, .at = 3, .value = 98765.43210987654},
          {.entity = 20, .attribute = 2, .at = 4, .value = 5e-324},
          {.entity = 20, .attribute = 2, .at = 5, .value = -0.1},
          {.entity = 20, .attribute = 2, .at = 6, .value = 1e308}});
    EXPECT_EQ(sql("SELECT value_decimal FROM fact_telemetry ORDER BY observed_at", {},
                  query::ResultFormat::csv),
              "value_decimal\r\n10000000000000000000000.000000000000\r\n"
              "123456789012345680.000000000000\r\n-9223372036854775808.000000000000\r\n"
              "98765.432109876540\r\n0.000000000000\r\n-0.100000000000\r\n\r\n");
}

}  // namespace
}  // namespace atlas::analytics
