// SPDX-License-Identifier: Apache-2.0
#include "ingest/resolve/value_check.h"

#include <gtest/gtest.h>

#include "ingest/parse/json_parser.h"

namespace atlas::ingest {
namespace {

using model::Type;

// What becomes of a JSON value under a type: "ok", "as an int" or the code of its refusal.
std::string check(std::string_view json, Type type, bool declared = true) {
    Batch batch(R"({"entity": "e", "attributes": {"x": )" + std::string(json) + "}}");
    JsonParser parser;
    const Time now = time_from_micros(1'795'000'000'000'000);
    if (!parser.parse_json(batch, {now, now, std::nullopt})) return "unreadable";
    if (batch.points().empty()) return std::string(to_string(batch.errors().at(0).code));
    model::Attribute attribute;
    attribute.name = "x";
    attribute.type = type;
    attribute.declared = declared;
    const Point& point = batch.points()[0];
    if (widens(attribute, point)) return "widens";
    const auto refusal = check_value(batch, point, attribute, 10);
    if (!refusal && is_wide_int(attribute, point)) return "as an int";
    return refusal ? std::string(to_string(refusal->code)) : "ok";
}

TEST(CheckValue, IntsAreExact) {
    EXPECT_EQ(check("5", Type::int64), "ok");
    EXPECT_EQ(check("5.0", Type::int64), "ok");
    EXPECT_EQ(check("4.5", Type::int64), "not_representable");
    EXPECT_EQ(check("1e16", Type::int64), "ok");
    EXPECT_EQ(check("9007199254740993.0", Type::int64), "ok");
    EXPECT_EQ(check("9007199254740991.4", Type::int64), "not_representable");
    EXPECT_EQ(check("0.99999999999999999999", Type::int64), "not_representable");
    EXPECT_EQ(check("1e19", Type::int64), "not_representable");
    EXPECT_EQ(check("9223372036854775808", Type::int64), "not_representable");
    EXPECT_EQ(check("\"5\"", Type::int64), "wrong_type");
    EXPECT_EQ(check("true", Type::int64), "wrong_type");
    EXPECT_EQ(check("null", Type::int64), "ok");
    EXPECT_EQ(check("4.5", Type::int64, false), "widens");
}

TEST(CheckValue, DoublesTakeIntsThatTheyHold) {
    EXPECT_EQ(check("0.1", Type::float64), "ok");
    EXPECT_EQ(check("9007199254740992", Type::float64), "ok");
    EXPECT_EQ(check("9007199254740993", Type::float64), "as an int");
    EXPECT_EQ(check("9007199254740993", Type::float64, false), "as an int");
    EXPECT_EQ(check("9007199254740993.0", Type::float64), "ok");
    EXPECT_EQ(check("9007199254740994", Type::float64), "ok");
    EXPECT_EQ(check("9223372036854775807", Type::float64), "as an int");
    EXPECT_EQ(check("-9223372036854775807", Type::float64), "as an int");
    EXPECT_EQ(check("-9223372036854775808", Type::float64), "ok");
    for (const std::string exact :
         {"9223372036854775808", "10000000000000000000", "18446744073709551616",
          "-18446744073709551616", "100000000000000000000"}) {
        EXPECT_EQ(check(exact, Type::float64), "ok") << exact;
    }
    EXPECT_EQ(check("9223372036854775809", Type::float64), "not_representable");
    EXPECT_EQ(check("18446744073709551615", Type::float64), "not_representable");
    EXPECT_EQ(check("-9223372036854775809", Type::float64), "not_representable");
    EXPECT_EQ(check(std::string(400, '9'), Type::float64), "not_representable");
    EXPECT_EQ(check("1e400", Type::float64), "not_representable");
    EXPECT_EQ(check("\"1\"", Type::float64), "wrong_type");
}

TEST(CheckValue, DecimalsTakeNumbersAndTheirTexts) {
    for (const char* json : {"1", "1.50", "1e3", "\"1.50\"", "\"-0.001\"", "1e-1000",
                             "123456789012345678901234567890"}) {
        EXPECT_EQ(check(json, Type::decimal), "ok") << json;
    }
    for (const char* json :
         {"\"\"", "\"1,5\"", "\"NaN\"", "\" 1\"", "\"0x1\"", "true", "[1]", "\"1e9999999999\""}) {
        EXPECT_EQ(check(json, Type::decimal), "wrong_type") << json;
    }
    EXPECT_EQ(check("1e5000", Type::decimal), "not_representable");
    EXPECT_EQ(check(std::string(1001, '1'), Type::decimal), "not_representable");
}

TEST(CheckValue, TextsAreBoundedAndWithoutNul) {
    EXPECT_EQ(check("\"0123456789\"", Type::string), "ok");
    EXPECT_EQ(check("\"0123456789x\"", Type::string), "value_too_large");
    EXPECT_EQ(check("\"a\\u0000\"", Type::string), "not_representable");
    EXPECT_EQ(check("5", Type::string), "wrong_type");
    EXPECT_EQ(check("[1]", Type::string), "wrong_type");
    EXPECT_EQ(check("[1, 2]", Type::json), "ok");
    EXPECT_EQ(check("[1, 2, 3, 4]", Type::json), "value_too_large");
    EXPECT_EQ(check("[1e400]", Type::json), "not_representable");
    EXPECT_EQ(check("\"x\"", Type::json), "wrong_type");
}

TEST(CheckValue, TimestampsAndBoolsAreWhatTheySay) {
    EXPECT_EQ(check("\"2026-01-01T00:00:00Z\"", Type::timestamp), "ok");
    EXPECT_EQ(check("\"9999-12-31T23:59:59-23:00\"", Type::timestamp), "wrong_type");
    EXPECT_EQ(check("\"yesterday\"", Type::timestamp), "wrong_type");
    EXPECT_EQ(check("1767225600000", Type::timestamp), "wrong_type");
    EXPECT_EQ(check("false", Type::boolean), "ok");
    EXPECT_EQ(check("0", Type::boolean), "wrong_type");
}

}  // namespace
}  // namespace atlas::ingest
