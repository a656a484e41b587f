// SPDX-License-Identifier: Apache-2.0
#include "index/predicate.h"

#include <gtest/gtest.h>

#include <array>

#include "query/test_filter.h"

namespace atlas::index {
namespace {

query::Filter bound(const std::string& text) {
    query::Filter filter = query::parse_filter(text).value();
    EXPECT_TRUE(query::bind_filter(filter, query::filter_catalog())) << text;
    return filter;
}

template <class T>
bool within(const Ranges<T>& ranges, T value) {
    bool any = false;
    for (const auto& [first, last] : ranges.any) any = any || (value >= first && value <= last);
    return any != ranges.inverted;
}

constexpr std::array kOps{"=", "!=", "<", "<=", ">", ">="};

// Goal: a scan over plain numbers decides as the comparison of their JSON does.
// Method: every operator, with literals around every value.
TEST(Predicate, RangesSayWhatComparisonsSay) {
    constexpr std::array<std::int64_t, 11> kInts{0,
                                                 7,
                                                 8,
                                                 -3,
                                                 -4,
                                                 9007199254740992,
                                                 9007199254740993,
                                                 -9007199254740993,
                                                 std::numeric_limits<std::int64_t>::max(),
                                                 std::numeric_limits<std::int64_t>::min() + 1,
                                                 1'000'000'000'000};
    constexpr std::array<double, 9> kDoubles{0,
                                             0.1,
                                             7.5,
                                             -3.25,
                                             1e22,
                                             9007199254740994,
                                             -9007199254740996,
                                             5e-324,
                                             std::numeric_limits<double>::max()};
    const std::vector<std::string> literals{"0",
                                            "-0",
                                            "7",
                                            "7.5",
                                            "7.0000000000000000001",
                                            "-3.5",
                                            "-3.25",
                                            "0.1",
                                            "1e22",
                                            "0.1000000000000000055511151231257827",
                                            "9007199254740993",
                                            "9007199254740992",
                                            "9007199254740995",
                                            "9223372036854775807",
                                            "9223372036854775808",
                                            "1e400",
                                            "-1e400",
                                            "-9223372036854775808",
                                            "1e-400",
                                            "12345678901234567890123456789012345678901234567890"};
    for (const char* const name : {"priority", "ratio", "price"}) {
        for (const std::string& literal : literals) {
            for (const char* const op : kOps) {
                const std::string text = fmt::format("{} {} {}", name, op, literal);
                const query::Filter filter = bound(text);
                const auto predicate = Predicate::make(filter.comparison);
                ASSERT_TRUE(predicate) << text;
                for (const std::int64_t value : kInts) {
                    std::string json;
                    append_int(json, value);
                    EXPECT_EQ(within(*predicate->int_ranges(), value),
                              predicate->matches(plain_scalar(json)))
                        << json << " under " << text;
                }
                for (const double value : kDoubles) {
                    std::string json;
                    append_double(json, value);
                    EXPECT_EQ(within(*predicate->double_ranges(), value),
                              predicate->matches(plain_scalar(json)))
                        << json << " under " << text;
                }
            }
        }
    }
}

TEST(Predicate, TimesCompareAsTheirText) {
    const std::int64_t at = 1'795'255'200'123'456;
    for (const std::int64_t literal : {at - 1, at, at + 1}) {
        for (const char* const op : kOps) {
            const std::string text =
                fmt::format("since {} \"{}\"", op, format_rfc3339(time_from_micros(literal)));
            const query::Filter filter = bound(text);
            const auto predicate = Predicate::make(filter.comparison);
            std::string json;
            append_time(json, at);
            EXPECT_EQ(within(*predicate->time_ranges(), at), predicate->matches(plain_scalar(json)))
                << text;
        }
    }
}

// Goal: what the state still holds of another type compares as the database compares it.
TEST(Predicate, ValuesOfAnotherTypeCompareAsTheDatabaseDoes) {
    const auto matches = [](const std::string& text, std::string_view json) {
        const query::Filter filter = bound(text);
        return Predicate::make(filter.comparison)->matches(plain_scalar(json));
    };
    EXPECT_FALSE(matches("priority = 7", "\"7\""));
    EXPECT_TRUE(matches("priority != 7", "\"7\""));
    EXPECT_FALSE(matches("priority < 8", "\"7\""));
    EXPECT_FALSE(matches("ratio != 9007199254740993", "\"7\""));
    EXPECT_FALSE(matches("status = \"7\"", "7"));
    EXPECT_TRUE(matches("status = \"7*\"", "7.5"));
    EXPECT_TRUE(matches("status >= \"7\"", "7.5"));
    EXPECT_TRUE(matches("status != \"true\"", "true"));
    EXPECT_FALSE(matches("enabled = true", "\"true\""));
    EXPECT_TRUE(matches("since > \"2026-11-21T10:00:00Z\"", "\"later\""));
}

}  // namespace
}  // namespace atlas::index
