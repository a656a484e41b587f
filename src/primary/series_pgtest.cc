// SPDX-License-Identifier: Apache-2.0
//
// Series against a plain evaluation of the same observations in this file.
#include "primary/series.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <map>
#include <random>

#include "primary/test_data.h"
#include "query/exact.h"
#include "testing/rounds.h"

namespace atlas::primary {
namespace {

// One stored value: the array it goes to, as a literal of that array, and its JSON as a point.
struct Stored {
    int group;  // 0 ints, 1 doubles, 2 decimals, 3 texts
    std::string literal;
    std::string json;
    std::string digits;  // numbers: for exact arithmetic
};

struct Observation {
    Time at;
    std::map<std::string, Stored> values;
};

using History = std::map<std::string, std::vector<Observation>>;  // by entity

const std::vector<std::pair<std::string, std::string>> kAttributes{
    {"i", "int"},  {"d", "double"}, {"m", "decimal"},  {"s", "string"},
    {"b", "bool"}, {"j", "json"},   {"t", "timestamp"}};

class SeriesTest : public QueryDatabase {
protected:
    void SetUp() override {
        QueryDatabase::SetUp();
        declare(kAttributes, false);
        run("SELECT atlas_ensure_partitions(ARRAY['2026-11-18','2026-11-19','2026-11-20',"
            "'2026-11-21']::date[])");
        const model::TenantCatalog& catalog = this->catalog();
        for (const auto& [name, type] : kAttributes) by_name_[name] = *catalog.find(name);
    }

    static Stored random_value(const std::string& name, std::mt19937& random) {
        const auto pick = [&random](int size) {
            return std::uniform_int_distribution<int>(0, size - 1)(random);
        };
        static const std::vector<std::string> ints{"7", "-3", "9223372036854775807",
                                                   "9007199254740993", "0"};
        static const std::vector<std::string> doubles{"0.1", "-2.5", "3", "1e+100",
                                                      "0.30000000000000004"};
        static const std::vector<std::string> decimals{"12.50", "0.1", "-3.250",
                                                       "123456789012345678901234567890.5"};
        if (name == "i") {
            const auto& v = ints[static_cast<std::size_t>(pick(5))];
            return {0, v, v, v};
        }
        if (name == "d" && pick(3) == 0) return {0, "4", "4", "4"};  // stored before it was widened
        if (name == "d") {
            const auto& v = doubles[static_cast<std::size_t>(pick(5))];
            return {1, v, v, v};
        }
        if (name == "m") {
            const auto& v = decimals[static_cast<std::size_t>(pick(4))];
            return {2, v, v, v};
        }
        if (name == "s") return {3, "'a\"b'", "\"a\\\"b\"", ""};
        if (name == "b") return {0, "1", "true", ""};
        if (name == "j") return {3, "'{\"k\": [1]}'", "{\"k\": [1]}", ""};
        return {0, "1795255200123456", "\"2026-11-21T10:00:00.123456Z\"", ""};
    }

    static History random_history(std::uint64_t seed) {
        std::mt19937 random(static_cast<std::uint32_t>(seed));
        const auto pick = [&random](int size) {
            return std::uniform_int_distribution<int>(0, size - 1)(random);
        };
        History history;
        for (const std::string entity : {"a", "b", "c"}) {
            std::map<Time, Observation> by_time;
            for (int n = 0; n < 24; ++n) {
                // Three days around a midnight, some instants exactly on bounds of buckets.
                const Time at = test_time(-60 + pick(70)) +
                                Micros{pick(2) == 0 ? 0 : pick(1'000'000) * std::int64_t{3'000}};
                Observation& o = by_time[at];
                o.at = at;
                for (const auto& [name, type] : kAttributes) {
                    if (pick(3) != 0) continue;
                    Stored value = random_value(name, random);
                    if (pick(8) == 0) value.literal = value.json = "NULL";
                    o.values[name] = value;
                }
            }
            for (auto& [at, observation] : by_time) {
                if (!observation.values.empty()) history[entity].push_back(observation);
            }
        }
        return history;
    }

    void store(const History& history) {
        for (const auto& [entity, observations] : history) {
            TestEntity row;
            row.name = entity;
            row.type = "pump";
            row.at = test_time(0);
            insert({row});
            int n = 0;
            for (const Observation& o : observations) store(entity, o, ++n % 2 == 0);
        }
    }

    void store(const std::string& entity, const Observation& o, bool shaped) {
        std::string ids;
        const char* kTypes[] = {"bigint", "float8", "numeric", "text"};
        std::string arrays;
        for (int group = 0; group < 4; ++group) {
            std::map<int, std::string> members;  // ascending ids
            for (const auto& [name, value] : o.values) {
                if (value.group == group) members[by_name_[name].id.value] = value.literal;
            }
            std::string list;
            for (const auto& [id, literal] : members) {
                ids += fmt::format("{}{}", ids.empty() ? "" : ",", id);
                list += (list.empty() ? "" : ",") + literal;
            }
            arrays += members.empty() ? std::string(", NULL")
                                      : fmt::format(", ARRAY[{}]::{}[]", list, kTypes[group]);
        }
        const std::string attrs = "ARRAY[" + ids + "]";
        if (shaped) run("INSERT INTO shapes (attrs) VALUES (" + attrs + ") ON CONFLICT DO NOTHING");
        run(fmt::format(
                "INSERT INTO observations SELECT 2, entity_id, $2, $2, {}, {}{} FROM entities "
                "WHERE "
                "tenant_id = 2 AND external_id = $1",
                shaped ? "(SELECT shape_id FROM shapes WHERE attrs = " + attrs + ")" : "NULL",
                shaped ? "NULL" : attrs, arrays),
            pg::Params{}.add(entity).add(o.at));
    }

    query::SeriesRequest request(const std::vector<std::string>& names) {
        query::SeriesRequest request{.tenant = tenant_,
                                     .entity = {},
                                     .filter = {},
                                     .attributes = {},
                                     .from = test_time(-58),
                                     .to = test_time(8),
                                     .step = {},
                                     .aggregates = {},
                                     .page_size = 1'000'000,
                                     .page_token = {},
                                     .question = "q"};
        for (const std::string& name : names) request.attributes.push_back(by_name_[name]);
        return request;
    }

    // All pages joined: the points of each (entity, attribute), as JSON, in their order.
    using Points = std::map<std::pair<std::string, std::string>, std::vector<std::string>>;
    Points pages(query::SeriesRequest request, int page_size) {
        Points points;
        request.page_size = page_size;
        do {
            const auto page = read_series(connection_, shapes_, request);
            EXPECT_TRUE(page) << page.error().detail;
            if (!page) return points;
            int here = 0;
            const auto parsed = boost::json::parse(page->series);
            for (const auto& series : parsed.as_array()) {
                const auto* entity = series.as_object().if_contains("entity");
                auto& list = points[{entity == nullptr ? "" : std::string(entity->as_string()),
                                     std::string(series.at("attribute").as_string())}];
                for (const auto& point : series.at("points").as_array()) {
                    list.push_back(boost::json::serialize(point));
                    ++here;
                }
            }
            EXPECT_LE(here, page_size);
            request.page_token = page->next_page_token;
        } while (!request.page_token.empty());
        std::erase_if(points, [](const auto& entry) { return entry.second.empty(); });
        return points;
    }

    static std::string normal(const std::string& json) {
        return boost::json::serialize(boost::json::parse(json));
    }

    // The values of one attribute in range, by time.
    static std::vector<std::pair<Time, Stored>> values(const std::vector<Observation>& observations,
                                                       const std::string& name,
                                                       const query::SeriesRequest& request) {
        std::vector<std::pair<Time, Stored>> found;
        for (const Observation& o : observations) {
            const auto value = o.values.find(name);
            if (value == o.values.end() || o.at < request.from || o.at >= request.to) continue;
            found.emplace_back(o.at, value->second);
        }
        if (request.descending) std::ranges::reverse(found);
        return found;
    }

    std::map<std::string, model::Attribute> by_name_;
    storage::ShapeRegistry shapes_{clock_};
};

class SeriesProperty : public SeriesTest {};

TEST_F(SeriesProperty, RawPointsAreWhatWasStored) {
    const std::uint64_t seed = test::seed_or(1);
    SCOPED_TRACE(fmt::format("ATLAS_SEED={}", seed));
    const History history = random_history(seed);
    store(history);
    for (const bool descending : {false, true}) {
        query::SeriesRequest fleet = request({"s", "i", "d", "m", "b", "j", "t"});
        fleet.descending = descending;
        Points expected;
        for (const auto& [entity, observations] : history) {
            for (const model::Attribute& attribute : fleet.attributes) {
                for (const auto& [at, v] : values(observations, attribute.name, fleet)) {
                    expected[{entity, attribute.name}].push_back(normal(fmt::format(
                        "[\"{}\",{}]", format_rfc3339(at), v.json == "NULL" ? "null" : v.json)));
                }
            }
        }
        for (const int page_size : {1, 7, 1'000'000}) {
            EXPECT_EQ(pages(fleet, page_size), expected) << page_size;
            query::SeriesRequest one = fleet;
            one.entity = "b";
            Points of_one = expected;
            std::erase_if(of_one, [](const auto& entry) { return entry.first.first != "b"; });
            EXPECT_EQ(pages(one, page_size), of_one) << page_size;
            one.everything = true;
            EXPECT_EQ(pages(one, page_size), of_one) << page_size;
        }
    }
}

// Ints and decimals must not lose a digit: text is compared, not numbers.
TEST_F(SeriesTest, NumbersKeepTheirDigits) {
    History history;
    history["a"] = {
        {test_time(0),
         {{"i", {0, "9223372036854775807", "", ""}},
          {"m", {2, "123456789012345678901234567890.50", "", ""}}}},
        {test_time(1), {{"i", {0, "9223372036854775807", "", ""}}, {"m", {2, "0.1", "", ""}}}}};
    store(history);
    query::SeriesRequest one = request({"i", "m"});
    one.entity = "a";
    auto page = read_series(connection_, shapes_, one);
    ASSERT_TRUE(page) << page.error().detail;
    EXPECT_NE(page->series.find("9223372036854775807]"), std::string::npos);
    EXPECT_NE(page->series.find("123456789012345678901234567890.50]"), std::string::npos);
    one.raw = false;
    one.aggregates = {query::Aggregate::sum, query::Aggregate::p50, query::Aggregate::max};
    page = read_series(connection_, shapes_, one);
    ASSERT_TRUE(page) << page.error().detail;
    EXPECT_NE(page->series.find(",18446744073709551614,9223372036854775807,"), std::string::npos)
        << page->series;
    EXPECT_NE(page->series.find(",123456789012345678901234567890.60,"
                                "61728394506172839450617283945.3,"
                                "123456789012345678901234567890.50]"),
              std::string::npos)
        << page->series;
}

// Goal: values that were written after the catalog was read, when an int became double, count.
TEST_F(SeriesTest, FractionsOfAnIntAreRead) {
    History history;
    history["a"] = {{test_time(0), {{"i", {0, "1", "", ""}}}},
                    {test_time(1), {{"i", {1, "2.5", "", ""}}}}};
    store(history);
    query::SeriesRequest one = request({"i"});
    one.entity = "a";
    auto page = read_series(connection_, shapes_, one);
    ASSERT_TRUE(page) << page.error().detail;
    EXPECT_NE(page->series.find(",1],["), std::string::npos) << page->series;
    EXPECT_NE(page->series.find(",2.5]"), std::string::npos) << page->series;
    one.raw = false;
    one.aggregates = {query::Aggregate::sum, query::Aggregate::min, query::Aggregate::last};
    page = read_series(connection_, shapes_, one);
    ASSERT_TRUE(page) << page.error().detail;
    EXPECT_NE(page->series.find(",3.5,1,2.5]"), std::string::npos) << page->series;
}

// Goal: a page continues with the attribute that its token means when "*" has grown by one before
// it.
TEST_F(SeriesTest, PagesGoOnWhenAnAttributeAppears) {
    History history;
    for (const int hour : {0, 1}) {
        history["a"].push_back({test_time(hour),
                                {{"i", {0, "1", "", ""}},
                                 {"d", {1, "2.5", "", ""}},
                                 {"m", {2, "3.5", "", ""}},
                                 {"s", {3, "'x'", "", ""}}}});
    }
    store(history);
    for (const bool raw : {true, false}) {
        query::SeriesRequest one = request({"d", "m", "s"});
        one.entity = "a";
        one.everything = true;
        one.raw = raw;
        if (!raw) one.step = Micros{std::chrono::hours{2}};
        one.page_size = 2;
        const auto first = read_series(connection_, shapes_, one);
        ASSERT_TRUE(first) << first.error().detail;
        query::SeriesRequest grown = one;
        grown.attributes = request({"i", "d", "m", "s"}).attributes;
        grown.page_token = first->next_page_token;
        grown.page_size = 1;
        const auto next = read_series(connection_, shapes_, grown);
        ASSERT_TRUE(next) << next.error().detail;
        EXPECT_NE(next->series.find(R"("attribute":"s")"), std::string::npos) << next->series;
        EXPECT_EQ(next->series.find(R"("attribute":"m")"), std::string::npos) << next->series;
        grown.page_size = 100;
        const auto rest = read_series(connection_, shapes_, grown);
        ASSERT_TRUE(rest) << rest.error().detail;
        EXPECT_EQ(rest->series.find(R"("attribute":"i")") != std::string::npos, raw);
    }
}

// Goal: every bucket of every attribute, per entity and merged, in pages of any size, against a
// map of buckets filled by hand.
TEST_F(SeriesProperty, BucketsAgree) {
    const std::uint64_t seed = test::seed_or(2);
    SCOPED_TRACE(fmt::format("ATLAS_SEED={}", seed));
    const History history = random_history(seed);
    store(history);
    query::SeriesRequest fleet = request({"i", "d", "m", "s"});
    fleet.raw = false;
    fleet.aggregates = {query::Aggregate::count, query::Aggregate::first, query::Aggregate::last};
    const auto day = query::BucketStep::parse("1d", TimeZone::find("Asia/Kolkata"));
    for (const query::BucketStep& step : {query::BucketStep(std::chrono::hours{5}),
                                          query::BucketStep(std::chrono::minutes{7}), *day}) {
        for (const bool merged : {false, true}) {
            for (const bool descending : {false, true}) {
                fleet.step = step;
                fleet.merged = merged;
                fleet.descending = descending;
                std::map<std::pair<std::string, std::string>,
                         std::map<std::int64_t, std::multimap<Time, std::string>>>
                    buckets;
                query::SeriesRequest ascending = fleet;
                ascending.descending = false;
                for (const auto& [entity, observations] : history) {
                    for (const model::Attribute& attribute : fleet.attributes) {
                        for (const auto& [at, v] :
                             values(observations, attribute.name, ascending)) {
                            if (v.json == "NULL") continue;
                            const auto start = to_micros(step.bucket(at).start);
                            buckets[{merged ? "" : entity, attribute.name}][start].emplace(at,
                                                                                           v.json);
                        }
                    }
                }
                Points expected;
                for (auto& [key, by_start] : buckets) {
                    for (auto& [start, members] : by_start) {
                        // Of two entities at one instant the later one in the fleet counts last.
                        expected[key].push_back(normal(fmt::format(
                            "[\"{}\",{},{},{}]", format_rfc3339(time_from_micros(start)),
                            members.size(), members.begin()->second, members.rbegin()->second)));
                    }
                    if (descending) std::ranges::reverse(expected[key]);
                }
                for (const int page_size : {1, 5, 1'000'000}) {
                    EXPECT_EQ(pages(fleet, page_size), expected)
                        << to_micros(step.shift(Time{}, 1)) << " merged " << merged << " desc "
                        << descending << " page " << page_size;
                }
            }
        }
    }
}

TEST_F(SeriesTest, MergedRawCurveIsOrderedByTime) {
    const History history = random_history(3);
    store(history);
    for (const bool descending : {false, true}) {
        query::SeriesRequest fleet = request({"i", "s"});
        fleet.merged = true;
        fleet.descending = descending;
        const Points whole = pages(fleet, 1'000'000);
        ASSERT_FALSE(whole.empty());
        for (const auto& [key, points] : whole) {
            const auto earlier = [](const std::string& a, const std::string& b) {
                return a.substr(0, 29) < b.substr(0, 29);
            };
            EXPECT_TRUE(descending ? std::is_sorted(points.rbegin(), points.rend(), earlier)
                                   : std::is_sorted(points.begin(), points.end(), earlier));
        }
        EXPECT_EQ(pages(fleet, 3), whole);
        EXPECT_EQ(pages(fleet, 1), whole);
    }
}

TEST_F(SeriesTest, TokenOfAnotherQuestionIsRefused) {
    store(random_history(4));
    query::SeriesRequest one = request({"i", "d"});
    one.entity = "a";
    one.page_size = 2;
    const auto page = read_series(connection_, shapes_, one);
    ASSERT_TRUE(page);
    ASSERT_FALSE(page->next_page_token.empty());
    one.page_token = page->next_page_token;
    EXPECT_TRUE(read_series(connection_, shapes_, one));
    one.question = "another";
    EXPECT_EQ(read_series(connection_, shapes_, one).error().code,
              query::ErrorCode::invalid_page_token);
    one.entity = "nobody";
    one.page_token.clear();
    EXPECT_EQ(read_series(connection_, shapes_, one).error().code,
              query::ErrorCode::entity_not_found);
}

}  // namespace
}  // namespace atlas::primary
