// SPDX-License-Identifier: Apache-2.0
#include "index/scalar.h"

#include <gtest/gtest.h>

#include "index/sort_value.h"

namespace atlas::index {
namespace {

TEST(Scalar, NumbersCompareByAllTheirDigits) {
    EXPECT_EQ(compare_digits("7.50", "7.5"), std::strong_ordering::equal);
    EXPECT_EQ(compare_digits("-0", "0.00"), std::strong_ordering::equal);
    EXPECT_EQ(compare_digits("9007199254740993", "9007199254740992"),
              std::strong_ordering::greater);
    EXPECT_EQ(compare_digits("-10", "-9.99"), std::strong_ordering::less);
    EXPECT_EQ(compare_digits("0.05", "0.5"), std::strong_ordering::less);
    EXPECT_EQ(compare_digits("-0.05", "-0.5"), std::strong_ordering::greater);
    EXPECT_EQ(compare_digits("0.123456789012345678901", "0.123456789012345678902"),
              std::strong_ordering::less);
}

// Goal: values are stored in eight bytes only if their JSON can be written again from them.
TEST(Scalar, ExactFormsKeepTheJson) {
    for (const char* json : {"0", "7", "-7", "9223372036854775807", "-9223372036854775807"}) {
        std::string again;
        append_int(again, exact_int(json).value());
        EXPECT_EQ(again, json);
    }
    for (const char* json :
         {"7.0", "-9223372036854775808", "9223372036854775808", "-0", "true", "\"7\"", ""}) {
        EXPECT_FALSE(exact_int(json)) << json;
    }
    for (const char* json : {"0", "0.1", "7.5", "-0.001", "100000000000000000000", "1200",
                             "0.00001", "9007199254740992", "1234567890123456.5"}) {
        const auto value = exact_double(json);
        ASSERT_TRUE(value) << json;
        std::string again;
        append_double(again, *value);
        EXPECT_EQ(again, json);
    }
    for (const char* json : {"7.50", "8.000", "0.1000000000000000055", "9007199254740993", "-0",
                             "\"0.1\"", "true", "null", "123456789012345678901234567890"}) {
        EXPECT_FALSE(exact_double(json)) << json;
    }
    std::string again;
    append_time(again, exact_time("\"2026-11-21T10:00:00.123456Z\"").value());
    EXPECT_EQ(again, "\"2026-11-21T10:00:00.123456Z\"");
    for (const char* json : {"\"2026-11-21T10:00:00Z\"", "\"2026-11-21 10:00:00.123456Z\"",
                             "\"2026-13-21T10:00:00.123456Z\"", "7"}) {
        EXPECT_FALSE(exact_time(json)) << json;
    }
}

TEST(Scalar, KindsOrderAsJsonb) {
    const char* const ascending[] = {"null", "\"z\"", "-5", "7", "false", "true", "[1]"};
    for (std::size_t i = 1; i < std::size(ascending); ++i) {
        EXPECT_EQ(compare_json(plain_scalar(ascending[i - 1]), plain_scalar(ascending[i])),
                  std::strong_ordering::less)
            << ascending[i];
    }
}

TEST(Scalar, LeftCountsCharacters) {
    EXPECT_EQ(left("zoë!", 3), "zoë");
    EXPECT_EQ(left("zoë!", 4), "zoë!");
    EXPECT_EQ(left("", 4), "");
    EXPECT_EQ(left("abcdef", 0), "");
}

// The texts are what PostgreSQL 15 writes for these values.
TEST(SortValue, PlacesAreWrittenAsPostgresWritesThem) {
    EXPECT_EQ(timestamptz_text(1'795'255'200'000'000), "2026-11-21 10:00:00+00");
    EXPECT_EQ(timestamptz_text(1'795'255'200'123'450), "2026-11-21 10:00:00.12345+00");
    for (const std::int64_t micros : {1'795'255'200'000'000L, 1'795'255'200'123'450L, -1L}) {
        EXPECT_EQ(read_timestamptz(timestamptz_text(micros)), micros);
    }
    EXPECT_FALSE(read_timestamptz("yesterday"));
    EXPECT_EQ(float8_text(0), "0");
    EXPECT_EQ(float8_text(7.5), "7.5");
    EXPECT_EQ(float8_text(-3.25), "-3.25");
    EXPECT_EQ(float8_text(0.0001), "0.0001");
    EXPECT_EQ(float8_text(0.00001), "1e-05");
    EXPECT_EQ(float8_text(123456789012345), "123456789012345");
    EXPECT_EQ(float8_text(1e15), "1e+15");
    EXPECT_EQ(float8_text(9007199254740992), "9.007199254740992e+15");
    EXPECT_EQ(float8_text(1e300), "1e+300");
}

}  // namespace
}  // namespace atlas::index
