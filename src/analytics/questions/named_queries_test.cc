// SPDX-License-Identifier: Apache-2.0
//
// Goal: every query that comes with Atlas answers what it says, on a small fixed data set.
// Method: two days of three entities, a point every half hour; the expected answers are the files
// of tests/analytics/expected, which were checked by hand and hold for every store.
// ATLAS_WRITE_EXPECTED=1 writes them again.
#include "analytics/questions/named_queries.h"

#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>

#include "analytics/questions/test_questions.h"
#include "testing/source_dir.h"

namespace atlas::analytics {
namespace {

using query::ParameterValue;
using Params = std::vector<std::pair<std::string, ParameterValue>>;

const Params kDays{{"from", std::string("2026-11-20T00:00:00Z")},
                   {"to", std::string("2026-11-22T00:00:00Z")}};

Params with(Params more, bool days = true) {
    if (days) more.insert(more.end(), kDays.begin(), kDays.end());
    return more;
}

struct Case {
    std::string name;
    Params params;
};

const std::vector<Case>& cases() {
    static const std::vector<Case> all{
        {"anomalies", with({{"attribute", std::string("pressure")}, {"threshold", 2.0}})},
        {"arrival_lag", with({{"late", 0.0005}})},
        {"attribute_usage", with({})},
        {"category_volume", with({})},
        {"correlation",
         with({{"attribute", std::string("pressure")}, {"other", std::string("cycles")}})},
        {"daily_trend", with({{"attribute", std::string("pressure")}})},
        {"distribution_by_group", with({{"group", std::string("site")}})},
        {"fleet_distribution", with({{"attribute", std::string("status")}})},
        {"gaps", with({{"attribute", std::string("pressure")}, {"longer", 1800.0}})},
        {"hourly_profile", with({{"attribute", std::string("cycles")}})},
        {"new_entities", with({})},
        {"silent_entities", {{"since", std::string("2026-11-21T23:00:00Z")}}},
        {"state_changes", with({{"attribute", std::string("status")}})},
        {"state_uptime", with({{"attribute", std::string("status")}})},
        {"tenant_skew", with({})},
        {"top_movers", with({{"attribute", std::string("cycles")}})},
        {"type_summary", with({})},
        {"weekday_profile", with({{"attribute", std::string("pressure")}})}};
    return all;
}

class NamedQueriesTest : public QuestionsTest {
protected:
    NamedQueriesTest() {
        Points points;
        const std::string sites[]{"north", "south", "south"};
        for (std::int64_t entity = 0; entity < 3; ++entity) {
            const std::int64_t id = 20 + entity;
            points.push_back({.entity = id,
                              .attribute = 6,
                              .at = 0,
                              .value = sites[static_cast<std::size_t>(entity)]});
            // The valve falls silent after a day.
            const std::int64_t count = entity == 2 ? 48 : 96;
            for (std::int64_t k = 0; k < count; ++k) {
                const std::int64_t at = k * 30;
                const double wave = static_cast<double>((k * 7 + entity) % 12) / 4;
                const double spike = entity == 1 && k == 60 ? 50 : 0;
                if (entity != 0 || k % 24 < 20) {
                    points.push_back({.entity = id,
                                      .attribute = 2,
                                      .at = at,
                                      .value = static_cast<double>(entity) + wave + spike});
                }
                points.push_back(
                    {.entity = id, .attribute = 3, .at = at, .value = k * (entity + 1)});
                points.push_back({.entity = id,
                                  .attribute = 1,
                                  .at = at,
                                  .value = std::string(k % 16 == 15 ? "offline" : "online")});
            }
        }
        fill(points);
        fill_theirs();
    }

    static std::filesystem::path expected_file(const std::string& name) {
        return std::filesystem::path(atlas::test::source_dir()) / "tests/analytics/expected" /
               (name + ".json");
    }

    std::string run(const std::string& name, Params params) {
        const auto table = reader_->named({.name = name, .params = std::move(params)},
                                          query::ResultFormat::json, {.tenant = kOurs});
        if (!table) return describe(table.error());
        // A row a line, under the names of the columns.
        std::string out;
        for (const auto& column : table->columns) {
            out += (out.empty() ? "[[\"" : ", \"") + column.name + '"';
        }
        out += "]";
        std::string rows = table->rows == "[]" ? "" : ",\n " + table->rows.substr(1);
        for (std::size_t at = 0; (at = rows.find("],[", at)) != std::string::npos; at += 5) {
            rows.replace(at, 3, "],\n [");
        }
        if (!rows.empty()) rows.pop_back();
        out += rows;
        return out + "]\n";
    }
};

TEST_F(NamedQueriesTest, AnswerAsExpected) {
    for (const Case& one : cases()) {
        const std::string answer = run(one.name, one.params);
        if (std::getenv("ATLAS_WRITE_EXPECTED") != nullptr) {
            std::ofstream(expected_file(one.name)) << answer;
        }
        std::ifstream file(expected_file(one.name));
        std::stringstream expected;
        expected << file.rdbuf();
        EXPECT_EQ(answer, expected.str()) << one.name;
    }
    // The same when the days are settled and their hours aggregated.
    ASSERT_TRUE(store_->compact());
    for (const Case& one : cases()) {
        std::ifstream file(expected_file(one.name));
        std::stringstream expected;
        expected << file.rdbuf();
        EXPECT_EQ(run(one.name, one.params), expected.str()) << one.name;
    }
}

TEST_F(NamedQueriesTest, EachHasAnAnswerAndADescription) {
    ASSERT_GE(named_queries().size(), 15U);
    std::set<std::string> tested;
    for (const Case& one : cases()) tested.insert(one.name);
    for (const query::NamedQuery& query : named_queries()) {
        EXPECT_TRUE(tested.contains(query.name)) << query.name;
        EXPECT_TRUE(query.description.ends_with('.')) << query.name;
        for (const auto& parameter : query.params) {
            EXPECT_TRUE(parameter.type == "timestamp" || parameter.type == "string" ||
                        parameter.type == "int" || parameter.type == "double")
                << query.name << " " << parameter.name;
            const bool names = parameter.name == "attribute" || parameter.name == "other" ||
                               parameter.name == "group";
            EXPECT_EQ(parameter.is_attribute, names) << query.name << " " << parameter.name;
        }
    }
}

TEST_F(NamedQueriesTest, ParametersAreChecked) {
    EXPECT_EQ(run("nothing", {}).substr(0, 15), "query_not_found");
    const auto fault = [&](Params params) {
        const auto table = reader_->named({.name = "gaps", .params = std::move(params)},
                                          query::ResultFormat::json, {.tenant = kOurs});
        return table ? "none" : table.error().parameter;
    };
    const std::pair<std::string, ParameterValue> attribute{"attribute", std::string("pressure")};
    EXPECT_EQ(fault({}), "params.attribute");
    EXPECT_EQ(fault({attribute}), "none");
    EXPECT_EQ(fault({attribute, {"tenant", std::int64_t{3}}}), "params.tenant");
    EXPECT_EQ(fault({attribute, {"longer", std::string("long")}}), "params.longer");
    EXPECT_EQ(fault({attribute, {"longer", std::string("10")}}), "none");
    EXPECT_EQ(fault({attribute, {"count", 1.5}}), "params.count");
    EXPECT_EQ(fault({attribute, {"from", std::string("yesterday")}}), "params.from");
    EXPECT_EQ(fault({attribute, {"from", std::string("now-2d")}}), "none");
    EXPECT_EQ(fault({{"attribute", std::int64_t{1}}}), "params.attribute");
    const std::string unknown = run("gaps", {{"attribute", std::string("presure")}});
    EXPECT_EQ(unknown.substr(0, 17), "unknown_attribute");
    EXPECT_NE(unknown.find("presure"), std::string::npos);
    EXPECT_EQ(fault({{"attribute", std::string("presure")}}), "params.attribute");
    EXPECT_EQ(fault({{"attribute", std::string("x' OR 1=1 --")}}), "params.attribute");
}

// Goal: what computes with numbers is not asked about texts.
TEST_F(NamedQueriesTest, NumbersAreAskedOfNumericAttributes) {
    const std::pair<std::string, ParameterValue> pressure{"attribute", std::string("pressure")};
    for (const std::string name : {"status", "enabled", "extra", "since"}) {
        for (const std::string query : {"anomalies", "correlation", "daily_trend", "hourly_profile",
                                        "top_movers", "weekday_profile"}) {
            Params params{{"attribute", name}};
            if (query == "correlation") params.emplace_back("other", std::string("pressure"));
            const std::string answer = run(query, params);
            EXPECT_EQ(answer.substr(0, 13), "invalid_field") << query << ": " << answer;
            EXPECT_NE(answer.find("params.attribute"), std::string::npos) << answer;
            EXPECT_NE(answer.find(name), std::string::npos) << answer;
        }
        EXPECT_EQ(run("correlation", {pressure, {"other", name}}).substr(0, 13), "invalid_field");
        EXPECT_EQ(run("fleet_distribution", {{"attribute", name}}).substr(0, 2), "[[") << name;
    }
    EXPECT_EQ(run("daily_trend", {{"attribute", std::string("price")}}).substr(0, 2), "[[");
    EXPECT_EQ(run("hourly_profile", {{"attribute", std::string("cycles")}}).substr(0, 2), "[[");
}

TEST_F(NamedQueriesTest, ExplainsWhatItReads) {
    const auto table = reader_->named({.name = "daily_trend",
                                       .params = {{"attribute", std::string("pressure")}},
                                       .explain = true},
                                      query::ResultFormat::json, {.tenant = kOurs});
    ASSERT_TRUE(table);
    EXPECT_EQ(table->plan, R"({"relations":["agg_daily_entity_stats"],"source":"rollup"})");
}

}  // namespace
}  // namespace atlas::analytics
