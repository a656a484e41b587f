// SPDX-License-Identifier: Apache-2.0
#include "ingest/parse/number.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <bit>

namespace atlas::ingest {
namespace {

std::string read(std::string_view literal) {
    const Number number = read_number(literal);
    if (!number.valid) return "invalid";
    switch (number.kind) {
        case Kind::int64: return fmt::format("i{}", static_cast<std::int64_t>(number.payload));
        case Kind::float64: return fmt::format("d{}", std::bit_cast<double>(number.payload));
        default: return "big";
    }
}

TEST(ReadNumber, TheLiteralDecidesTheKind) {
    EXPECT_EQ(read("0"), "i0");
    EXPECT_EQ(read("-0"), "i0");
    EXPECT_EQ(read("9223372036854775807"), "i9223372036854775807");
    EXPECT_EQ(read("9223372036854775808"), "big");
    EXPECT_EQ(read("-9223372036854775808"), "i-9223372036854775808");
    EXPECT_EQ(read("-9223372036854775809"), "big");
    EXPECT_EQ(read("100000000000000000000000000"), "big");
    EXPECT_EQ(read("1.0"), "d1");
    EXPECT_EQ(read("-0.0"), "d-0");
    EXPECT_EQ(read("1e2"), "d100");
    EXPECT_EQ(read("1E+2"), "d100");
    EXPECT_EQ(read("12.5e-1"), "d1.25");
    EXPECT_EQ(read("1e400"), "big");
    EXPECT_EQ(read("-1e400"), "big");
    EXPECT_EQ(read("1e-400"), "big");
    EXPECT_EQ(read("-0.0001e-999"), "big");
    EXPECT_EQ(read("0.000e-999"), "d0");
    EXPECT_EQ(read("4.9E-324"), "d5e-324");
    EXPECT_EQ(read("2.4703282292062328e-324"), "d5e-324");
    EXPECT_EQ(read("2.4703282292062327e-324"), "big");
    EXPECT_EQ(read("1.79769313486231580793e308"), "d1.7976931348623157e+308");
    EXPECT_EQ(read("1.79769313486231580794e308"), "big");
    EXPECT_EQ(read("1.7976931348623157e308"), "d1.7976931348623157e+308");
}

TEST(ReadExactInt, CountsDigitByDigit) {
    const std::vector<std::pair<std::string, std::optional<std::int64_t>>> cases{
        {"7.0", 7},
        {"-12e3", -12000},
        {"1200e-2", 12},
        {"0.5e1", 5},
        {"0e999999999999", 0},
        {"-0.000", 0},
        {".50e+1", 5},
        {"007.", 7},
        {"9007199254740993.0", 9007199254740993},
        {"9.223372036854775807e18", 9223372036854775807},
        {"-9223372036854775808.00", INT64_MIN},
        {"9223372036854775808", std::nullopt},
        {"-9.223372036854775809E18", std::nullopt},
        {"0.99999999999999999999", std::nullopt},
        {"9007199254740991.4", std::nullopt},
        {"1e19", std::nullopt},
        {"1e999999999999", std::nullopt},
        {"1e-999999999999", std::nullopt},
        {"1e-1", std::nullopt}};
    for (const auto& [literal, exact] : cases) EXPECT_EQ(read_exact_int(literal), exact) << literal;
}

TEST(ReadNumber, WhatJsonRefusesIsInvalid) {
    for (const char* literal : {"", "-", "+1", "01", "-01", ".5", "1.", "1.e2", "1e", "1e+", "0x1",
                                "1a", "1 ", " 1", "NaN", "Infinity", "--1", "1.2.3", "1e2e3"}) {
        EXPECT_EQ(read(literal), "invalid") << literal;
    }
}

}  // namespace
}  // namespace atlas::ingest
