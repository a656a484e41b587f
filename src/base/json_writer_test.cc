// SPDX-License-Identifier: Apache-2.0
#include "base/json_writer.h"

#include <gtest/gtest.h>

#include <limits>

namespace atlas {
namespace {

template <class Value>
std::string json(Value value) {
    std::string out;
    JsonWriter(out).value(value);
    return out;
}

TEST(JsonWriter, SetsCommasByItself) {
    std::string out;
    JsonWriter json(out);
    json.begin_object().key("a").value(1).key("b").begin_array().value(true).null();
    json.begin_object().end_object().raw("1.50").end_array().key("c").value("x").end_object();
    EXPECT_EQ(out, R"({"a":1,"b":[true,null,{},1.50],"c":"x"})");
}

TEST(JsonWriter, NumbersKeepEveryDigit) {
    EXPECT_EQ(json(std::numeric_limits<std::int64_t>::min()), "-9223372036854775808");
    EXPECT_EQ(json(std::numeric_limits<std::uint64_t>::max()), "18446744073709551615");
    EXPECT_EQ(json(0.1), "0.1");
    EXPECT_EQ(json(1e300), "1e+300");
    EXPECT_EQ(json(5e-324), "5e-324");
    EXPECT_EQ(json(0.30000000000000004), "0.30000000000000004");
    EXPECT_EQ(json(std::numeric_limits<double>::quiet_NaN()), "null");
    EXPECT_EQ(json(-std::numeric_limits<double>::infinity()), "null");
}

TEST(JsonWriter, TextsAreEscapedWhereJsonSaysSo) {
    EXPECT_EQ(json("a\"b\\c\n\r\t\x01\x1f\x7f/ü😀"), R"("a\"b\\c\n\r\t\u0001\u001f)"
                                                     "\x7f/ü😀\"");
    EXPECT_EQ(json(std::string("a\0b", 3)), R"("a\u0000b")");
    EXPECT_EQ(json(""), "\"\"");
}

TEST(JsonWriter, TimesAreUtcWithMicroseconds) {
    EXPECT_EQ(json(time_from_micros(1'700'000'000'123'456)), "\"2023-11-14T22:13:20.123456Z\"");
}

}  // namespace
}  // namespace atlas
