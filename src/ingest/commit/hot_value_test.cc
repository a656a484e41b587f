// SPDX-License-Identifier: Apache-2.0
#include "ingest/commit/hot_value.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <bit>

#include "ingest/resolve/value_check.h"
#include "model/value.h"

namespace atlas::ingest {
namespace {

using model::Type;

class HotValueTest : public ::testing::Test {
protected:
    static model::TenantCatalog catalog_of(Type type) {
        model::Attribute attribute;
        attribute.id = AttributeId{7};
        attribute.name = "a \"b\"";
        attribute.type = type;
        attribute.hot = true;
        return {TenantId{2}, 0, 0, true, {attribute}};
    }
    static Point number(std::int64_t value) {
        return {static_cast<std::uint64_t>(value), 0, 0, 0, Kind::int64, false};
    }
    static Point number(double value) {
        return {std::bit_cast<std::uint64_t>(value), 0, 0, 0, Kind::float64, false};
    }
    Point text(std::string_view value, Kind kind = Kind::string) {
        return {pack(batch_.keep(value)), 0, 0, 0, kind, false};
    }

    // Whether the value is recognised when the database shows it as `cell`.
    bool recognised(const Point& point, Type type, std::string_view cell) {
        bool unknown = false;
        const auto state = read_hot_state(fmt::format(R"({{"a \"b\"": {}}})", cell),
                                          R"({"a \"b\"": 5})", catalog_of(type), unknown);
        EXPECT_FALSE(unknown);
        EXPECT_EQ(state.size(), 1U);
        EXPECT_EQ(state[0].observed_us, 5);
        EXPECT_EQ(state[0].attribute, 7);
        return state[0].value == fingerprint(batch_, point, type);
    }
    std::string json(const Point& point, Type type) {
        std::string out;
        model::append_value_json(out, type, stored_value(batch_, point, type));
        return out;
    }

    Batch batch_{""};
};

TEST_F(HotValueTest, AValueIsRecognisedAsTheDatabaseShowsIt) {
    EXPECT_TRUE(recognised(number(std::int64_t{-5}), Type::int64, "-5"));
    EXPECT_TRUE(recognised(number(INT64_MAX), Type::int64, "9223372036854775807"));
    EXPECT_FALSE(recognised(number(INT64_MAX), Type::int64, "9223372036854775806"));
    EXPECT_TRUE(recognised(number(0.1), Type::float64, "0.1"));
    EXPECT_TRUE(recognised(number(5.0), Type::float64, "5"));
    EXPECT_TRUE(recognised(number(5.0), Type::float64, "5.0"));
    EXPECT_TRUE(recognised(number(1e16), Type::float64, "10000000000000000"));
    EXPECT_TRUE(recognised(number(9223372036854774784.0), Type::float64, "9223372036854774784"));
    EXPECT_FALSE(recognised(number(9223372036854774784.0), Type::float64, "9223372036854774783"));
    EXPECT_TRUE(recognised(number(1e300), Type::float64, "1" + std::string(300, '0')));
    EXPECT_TRUE(recognised(number(-0.0), Type::float64, "0"));
    EXPECT_TRUE(recognised({1, 0, 0, 0, Kind::boolean, false}, Type::boolean, "true"));
    EXPECT_FALSE(recognised({0, 0, 0, 0, Kind::boolean, false}, Type::boolean, "true"));
    EXPECT_TRUE(recognised(text("1.50"), Type::decimal, "1.50"));
    EXPECT_TRUE(recognised(text("ü \"x\"\n"), Type::string, R"("ü \"x\"\n")"));
    EXPECT_TRUE(recognised(text(""), Type::string, "\"\""));
    EXPECT_FALSE(recognised(text("on"), Type::string, "\"off\""));
    EXPECT_TRUE(recognised(text("2026-01-01T01:00:00+01:00"), Type::timestamp,
                           "\"2026-01-01T00:00:00.000000Z\""));
}

// Goal: an int attribute that has become double keeps its value: nothing is written again.
TEST_F(HotValueTest, WideningIsNoChange) {
    EXPECT_TRUE(recognised(number(std::int64_t{3}), Type::int64, "3"));
    EXPECT_TRUE(recognised(number(3.0), Type::float64, "3"));
    EXPECT_EQ(fingerprint(batch_, number(std::int64_t{3}), Type::int64),
              fingerprint(batch_, number(3.0), Type::float64));
}

TEST_F(HotValueTest, ARemovedValueKeepsItsInstantAndAnUnknownNameIsTold) {
    bool unknown = false;
    const auto catalog = catalog_of(Type::string);
    const auto removed = read_hot_state("{}", R"({"a \"b\"": 9})", catalog, unknown);
    ASSERT_EQ(removed.size(), 1U);
    EXPECT_TRUE(removed[0].value.absent());
    EXPECT_EQ(removed[0].observed_us, 9);
    EXPECT_FALSE(unknown);
    EXPECT_TRUE(read_hot_state("{}", "{}", catalog, unknown).empty());
    EXPECT_FALSE(unknown);
    EXPECT_TRUE(read_hot_state("{}", R"({"other": 9})", catalog, unknown).empty());
    EXPECT_TRUE(unknown);
}

TEST_F(HotValueTest, AppearsInTheStateWithAllItsDigits) {
    EXPECT_EQ(json(number(INT64_MIN), Type::int64), "-9223372036854775808");
    EXPECT_EQ(json(number(0.30000000000000004), Type::float64), "0.30000000000000004");
    EXPECT_EQ(json(number(std::int64_t{3}), Type::float64), "3");
    EXPECT_EQ(json(text("1.50"), Type::decimal), "1.50");
    EXPECT_EQ(json(text("a\"b"), Type::string), R"("a\"b")");
    EXPECT_EQ(json(text("{\"x\": [1]}", Kind::json), Type::json), "{\"x\": [1]}");
    EXPECT_EQ(json(text("2026-01-01T01:00:00+01:00"), Type::timestamp),
              "\"2026-01-01T00:00:00.000000Z\"");
}

}  // namespace
}  // namespace atlas::ingest
