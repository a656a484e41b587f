// SPDX-License-Identifier: Apache-2.0
//
// Goal: numbers become instants digit by digit, whatever a double would make of them.
#include "cli/ingest/time_number.h"

#include <gtest/gtest.h>

namespace atlas::cli {
namespace {

std::string instant(std::string_view text, TimeUnit unit) {
    const auto number = read_decimal(text);
    if (!number) return "no number";
    const auto time = time_of(*number, unit);
    return time ? format_rfc3339(*time) : "no time";
}

TEST(TimeNumber, ReadsFractionsAndExponentsByValue) {
    EXPECT_EQ(instant("1764320400", TimeUnit::unix), "2025-11-28T09:00:00.000000Z");
    EXPECT_EQ(instant("1.7643204E+09", TimeUnit::unix), "2025-11-28T09:00:00.000000Z");
    EXPECT_EQ(instant("17643204e2", TimeUnit::unix), "2025-11-28T09:00:00.000000Z");
    EXPECT_EQ(instant("1764320400123.456", TimeUnit::unix_ms), "2025-11-28T09:00:00.123456Z");
    EXPECT_EQ(instant("1764320400,5", TimeUnit::unix), "2025-11-28T09:00:00.500000Z");
    EXPECT_EQ(instant("1764320400123456789", TimeUnit::unix_ns), "2025-11-28T09:00:00.123456Z");
    EXPECT_EQ(instant("1764320400123456.9", TimeUnit::unix_us), "2025-11-28T09:00:00.123456Z");
    EXPECT_EQ(instant("+.5", TimeUnit::unix), "1970-01-01T00:00:00.500000Z");
    EXPECT_EQ(instant("5.", TimeUnit::unix), "1970-01-01T00:00:05.000000Z");
}

// Digits beyond microseconds are cut off, towards the past on both sides of 1970.
TEST(TimeNumber, CutsWhatIsFinerThanMicroseconds) {
    EXPECT_EQ(instant("1764320400.9999999", TimeUnit::unix), "2025-11-28T09:00:00.999999Z");
    EXPECT_EQ(instant("-0.0000001", TimeUnit::unix), "1969-12-31T23:59:59.999999Z");
    EXPECT_EQ(instant("-1", TimeUnit::unix), "1969-12-31T23:59:59.000000Z");
    EXPECT_EQ(instant("-1500", TimeUnit::unix_ns), "1969-12-31T23:59:59.999998Z");
    EXPECT_EQ(instant("0.0000000000000000000000000000000000000001", TimeUnit::unix),
              "1970-01-01T00:00:00.000000Z");
}

TEST(TimeNumber, HasBounds) {
    EXPECT_EQ(instant("253402300799.999999", TimeUnit::unix), "9999-12-31T23:59:59.999999Z");
    EXPECT_EQ(instant("253402300800", TimeUnit::unix), "no time");
    EXPECT_EQ(instant("1e30", TimeUnit::unix), "no time");
    EXPECT_EQ(instant("1e1000", TimeUnit::unix_ns), "no time");
    EXPECT_EQ(instant("0e1000", TimeUnit::unix), "1970-01-01T00:00:00.000000Z");
    EXPECT_EQ(instant("99999999999999999999", TimeUnit::unix_us), "no time");
    for (const char* text : {"", "-", ".", "1e", "e5", "1.2.3", "1,2,3", "0x10", "1e99999", "NaN",
                             "1 2", "12:00", "2025-11-28", "--1"}) {
        EXPECT_EQ(instant(text, TimeUnit::unix), "no number") << text;
    }
}

TEST(TimeNumber, ReadsSpreadsheetDays) {
    const auto local = [](std::string_view text) {
        const auto found = spreadsheet_time(*read_decimal(text));
        return found ? format_rfc3339(Time{*found}) : "no time";
    };
    EXPECT_EQ(local("45989"), "2025-11-28T00:00:00.000000Z");
    EXPECT_EQ(local("45989.41667"), "2025-11-28T10:00:00.288000Z");
    EXPECT_EQ(local("45989.416666666664"), "2025-11-28T10:00:00.000000Z");
    EXPECT_EQ(local("45989,99999999999"), "2025-11-29T00:00:00.000000Z");
    EXPECT_EQ(local("61"), "1900-03-01T00:00:00.000000Z");
    EXPECT_EQ(local("60"), "no time");
    EXPECT_EQ(local("2958465.5"), "9999-12-31T12:00:00.000000Z");
    EXPECT_EQ(local("2958466"), "no time");
    EXPECT_EQ(local("-1"), "no time");
}

TEST(TimeNumber, TellsDatesWithoutSeparators) {
    const auto pattern = [](std::string_view text) {
        const char* found = compact_pattern(*read_decimal(text));
        return std::string(found == nullptr ? "" : found);
    };
    EXPECT_EQ(pattern("20251128"), "%Y%m%d");
    EXPECT_EQ(pattern("2025112809"), "%Y%m%d%H");
    EXPECT_EQ(pattern("202511280900"), "%Y%m%d%H%M");
    EXPECT_EQ(pattern("20251128090000"), "%Y%m%d%H%M%S");
    for (const char* text : {"20251328", "20250229", "1764320400", "1764320400123", "18991231",
                             "202511282400", "20251128.5", "-20251128", "2025"}) {
        EXPECT_EQ(pattern(text), "") << text;
    }
    EXPECT_TRUE(looks_like_spreadsheet(*read_decimal("45989.41667")));
    EXPECT_FALSE(looks_like_spreadsheet(*read_decimal("1764320400")));
    EXPECT_FALSE(looks_like_spreadsheet(*read_decimal("99999999999999999999")));
}

}  // namespace
}  // namespace atlas::cli
