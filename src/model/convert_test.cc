// SPDX-License-Identifier: Apache-2.0
//
// Goal: each cell of the table of conversions, at its edges; the SQL function is compared with this
// one in primary/convert_pgtest.cc.
#include "model/convert.h"

#include <gtest/gtest.h>

namespace atlas::model {
namespace {

Value of(std::int64_t integer) {
    return {.group = Group::ints, .integer = integer, .text = {}};
}
Value of(double number) {
    return {.group = Group::doubles, .number = number, .text = {}};
}
Value text(std::string_view text) {
    return {.group = Group::texts, .text = text};
}
Value digits(std::string_view text) {
    return {.group = Group::decimals, .text = text};
}

// The value as JSON of the new type; "-" when it does not convert.
std::string read_as(Type from, Type to, const Value& value) {
    std::string scratch;
    const auto converted = convert(from, to, value, scratch);
    if (!converted) return "-";
    std::string json;
    append_value_json(json, to, *converted);
    return json;
}

TEST(Convert, NumbersInText) {
    const auto as_double = [](std::string_view word) {
        return read_as(Type::string, Type::float64, text(word));
    };
    EXPECT_EQ(as_double("21.5"), "21.5");
    EXPECT_EQ(as_double(" +21.50\t"), "21.5");
    EXPECT_EQ(as_double(".5"), "0.5");
    EXPECT_EQ(as_double("5."), "5");
    EXPECT_EQ(as_double("1e3"), "1000");
    EXPECT_EQ(as_double("-0"), "0");
    EXPECT_EQ(as_double("9223372036854775807"), "9223372036854775807");
    for (const std::string_view word : {"NaN", "n/a", "", ".", "21,5", "1e", "1e9999", "0x10",
                                        "1 2", "--1", "1e400", "inf", "e5", "1e+-5"}) {
        EXPECT_EQ(as_double(word), "-") << word;
    }
    EXPECT_EQ(read_as(Type::string, Type::int64, text("21.0")), "21");
    EXPECT_EQ(read_as(Type::string, Type::int64, text("21.5")), "-");
    EXPECT_EQ(read_as(Type::string, Type::int64, text("9223372036854775808")), "-");
    EXPECT_EQ(read_as(Type::string, Type::decimal, text("0.10")), "0.10");
    EXPECT_EQ(read_as(Type::string, Type::decimal, text("1.5e-2")), "0.015");
    EXPECT_EQ(read_as(Type::string, Type::decimal, text(std::string(1001, '1'))), "-");
}

TEST(Convert, PlainDigits) {
    EXPECT_EQ(plain_digits("007"), "7");
    EXPECT_EQ(plain_digits("-00.50"), "-0.50");
    EXPECT_EQ(plain_digits("-0.0"), "0.0");
    EXPECT_EQ(plain_digits("1.25e1"), "12.5");
    EXPECT_EQ(plain_digits("1.25E+3"), "1250");
    EXPECT_EQ(plain_digits("125e-5"), "0.00125");
    EXPECT_EQ(plain_digits("12x"), std::nullopt);
    EXPECT_EQ(plain_digits("1e1000"), std::nullopt);
}

TEST(Convert, NumbersAmongEachOther) {
    EXPECT_EQ(read_as(Type::int64, Type::float64, of(std::int64_t{9007199254740993})),
              "9007199254740993");
    EXPECT_EQ(read_as(Type::int64, Type::string, of(std::int64_t{-7})), "\"-7\"");
    EXPECT_EQ(read_as(Type::float64, Type::int64, of(2.0)), "2");
    EXPECT_EQ(read_as(Type::float64, Type::int64, of(2.5)), "-");
    EXPECT_EQ(read_as(Type::float64, Type::int64, of(9.3e18)), "-");
    EXPECT_EQ(read_as(Type::float64, Type::decimal, of(0.1)), "0.1");
    EXPECT_EQ(read_as(Type::float64, Type::decimal, of(1.2345678901234568e20)),
              "123456789012345680000");
    EXPECT_EQ(read_as(Type::float64, Type::int64, of(4611686018427387904.0)),
              "4611686018427387904");
    EXPECT_EQ(read_as(Type::float64, Type::int64, of(-9223372036854775808.0)),
              "-9223372036854775808");
    EXPECT_EQ(read_as(Type::float64, Type::decimal, of(9223372036854775808.0)),
              "9223372036854775808");
    EXPECT_EQ(read_as(Type::float64, Type::string, of(9007199254740994.0)), "\"9007199254740994\"");
    EXPECT_EQ(read_as(Type::float64, Type::string, of(-1e-7)), "\"-0.0000001\"");
    EXPECT_EQ(read_as(Type::decimal, Type::float64, digits("0.30")), "0.3");
    EXPECT_EQ(read_as(Type::decimal, Type::int64, digits("5.00")), "5");
    EXPECT_EQ(read_as(Type::decimal, Type::int64, digits("5.01")), "-");
    EXPECT_EQ(read_as(Type::decimal, Type::string, digits("5.00")), "\"5.00\"");
}

TEST(Convert, Bools) {
    for (const std::string_view yes : {"true", "TRUE", " t ", "1"}) {
        EXPECT_EQ(read_as(Type::string, Type::boolean, text(yes)), "true") << yes;
    }
    EXPECT_EQ(read_as(Type::string, Type::boolean, text("False")), "false");
    EXPECT_EQ(read_as(Type::string, Type::boolean, text("yes")), "-");
    EXPECT_EQ(read_as(Type::int64, Type::boolean, of(std::int64_t{1})), "true");
    EXPECT_EQ(read_as(Type::int64, Type::boolean, of(std::int64_t{2})), "-");
    EXPECT_EQ(read_as(Type::float64, Type::boolean, of(0.0)), "false");
    EXPECT_EQ(read_as(Type::float64, Type::boolean, of(0.5)), "-");
    EXPECT_EQ(read_as(Type::boolean, Type::int64, of(std::int64_t{1})), "1");
    EXPECT_EQ(read_as(Type::boolean, Type::float64, of(std::int64_t{0})), "0");
    EXPECT_EQ(read_as(Type::boolean, Type::string, of(std::int64_t{1})), "\"true\"");
    EXPECT_EQ(read_as(Type::boolean, Type::timestamp, of(std::int64_t{1})), "-");
}

TEST(Convert, Times) {
    constexpr std::int64_t kMicros = 1'764'320'400'123'000;
    EXPECT_EQ(read_as(Type::string, Type::timestamp, text("2025-11-28T10:00:00.123+01:00")),
              "\"2025-11-28T09:00:00.123000Z\"");
    EXPECT_EQ(read_as(Type::string, Type::timestamp, text("2025-02-30T10:00:00Z")), "-");
    EXPECT_EQ(read_as(Type::string, Type::timestamp, text("1764320400123")), "-");
    EXPECT_EQ(read_as(Type::timestamp, Type::string, of(kMicros)),
              "\"2025-11-28T09:00:00.123000Z\"");
    EXPECT_EQ(read_as(Type::timestamp, Type::int64, of(kMicros)), "1764320400123");
    EXPECT_EQ(read_as(Type::timestamp, Type::int64, of(kMicros + 1)), "-");
    EXPECT_EQ(read_as(Type::int64, Type::timestamp, of(kMicros / 1000)),
              "\"2025-11-28T09:00:00.123000Z\"");
    EXPECT_EQ(read_as(Type::int64, Type::timestamp, of(kMicros)), "-");  // beyond year 9999
    EXPECT_EQ(read_as(Type::timestamp, Type::boolean, of(std::int64_t{0})), "-");
}

TEST(Convert, JsonBecomesTextOnlyAndNothingBecomesJson) {
    EXPECT_EQ(read_as(Type::json, Type::string, text(R"({"a":1})")), R"("{\"a\":1}")");
    EXPECT_EQ(read_as(Type::json, Type::float64, text("1")), "-");
    EXPECT_EQ(read_as(Type::string, Type::json, text("{}")), "-");
    EXPECT_EQ(read_as(Type::int64, Type::json, of(std::int64_t{1})), "-");
}

TEST(Convert, NullStaysNull) {
    const Value null{.null = true, .group = Group::texts, .text = {}};
    EXPECT_EQ(read_as(Type::string, Type::float64, null), "null");
}

}  // namespace
}  // namespace atlas::model
