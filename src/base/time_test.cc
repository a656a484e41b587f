// SPDX-License-Identifier: Apache-2.0
#include "base/time.h"

#include <gtest/gtest.h>

namespace atlas {
namespace {

using namespace std::chrono_literals;

std::string read(std::string_view text) {
    const auto time = parse_rfc3339(text);
    return time ? format_rfc3339(*time) : "none";
}

TEST(Rfc3339, IsReadWithZoneAndFraction) {
    EXPECT_EQ(read("2026-11-21T10:00:00Z"), "2026-11-21T10:00:00.000000Z");
    EXPECT_EQ(read("2026-11-21t10:00:00.5z"), "2026-11-21T10:00:00.500000Z");
    EXPECT_EQ(read("2026-11-21 10:00:00+02:30"), "2026-11-21T07:30:00.000000Z");
    EXPECT_EQ(read("2026-11-21T10:00:00-00:00"), "2026-11-21T10:00:00.000000Z");
    EXPECT_EQ(read("2024-02-29T23:59:59.9999999Z"), "2024-02-29T23:59:59.999999Z");
    EXPECT_EQ(read("1969-12-31T23:59:59.999999Z"), "1969-12-31T23:59:59.999999Z");
    EXPECT_EQ(read("2016-12-31T23:59:60Z"), "2016-12-31T23:59:59.999999Z");
    EXPECT_EQ(to_micros(*parse_rfc3339("1970-01-01T00:00:00.000001Z")), 1);
    EXPECT_EQ(to_micros(*parse_rfc3339("1969-12-31T23:59:59.999999Z")), -1);
}

TEST(Rfc3339, InfiniteInstantsAreWords) {
    EXPECT_EQ(format_rfc3339(Time::max()), "infinity");
    EXPECT_EQ(format_rfc3339(Time{-Time::max().time_since_epoch()}), "-infinity");
    EXPECT_EQ(format_rfc3339(Time::min()), "-infinity");
}

TEST(Rfc3339, AnythingElseIsRefused) {
    for (const char* text : {"",
                             "2026-11-21",
                             "2026-11-21T10:00:00",
                             "2026-11-21T10:00Z",
                             "2026-11-21T10:00:00.Z",
                             "2026-11-21T24:00:00Z",
                             "2026-11-21T10:60:00Z",
                             "2026-11-21T10:00:61Z",
                             "2025-02-29T00:00:00Z",
                             "2026-13-01T00:00:00Z",
                             "2026-00-01T00:00:00Z",
                             "2026-01-00T00:00:00Z",
                             "0000-01-01T00:00:00Z",
                             "2026-11-21T10:00:00+24:00",
                             "2026-11-21T10:00:00+0200",
                             "2026-11-21T10:00:00Z ",
                             " 2026-11-21T10:00:00Z",
                             "+026-11-21T10:00:00Z",
                             "2026-11-21T10:00:00,5Z",
                             "12026-11-21T10:00:00Z"}) {
        EXPECT_EQ(read(text), "none") << text;
    }
}

// Goal: a zone does not lead out of the years 1 to 9999.
TEST(Rfc3339, StaysInsideTheYears1To9999) {
    EXPECT_EQ(read("0001-01-01T00:00:00Z"), "0001-01-01T00:00:00.000000Z");
    EXPECT_EQ(read("0001-01-01T00:00:00+00:01"), "none");
    EXPECT_EQ(read("9999-12-31T23:59:59.999999Z"), "9999-12-31T23:59:59.999999Z");
    EXPECT_EQ(read("9999-12-31T23:59:59-00:01"), "none");
}

TEST(Days, AreThoseOfUtcAlsoBefore1970) {
    EXPECT_EQ(day_of(time_from_micros(-1)).time_since_epoch().count(), -1);
    EXPECT_EQ(day_of(time_from_micros(0)).time_since_epoch().count(), 0);
    EXPECT_EQ(day_of(time_from_micros(86'400'000'000)).time_since_epoch().count(), 1);
}

TEST(Duration, HasANumberAndAUnit) {
    EXPECT_EQ(parse_duration("250ms"), 250ms);
    EXPECT_EQ(parse_duration("5s"), 5s);
    EXPECT_EQ(parse_duration("10m"), 10min);
    EXPECT_EQ(parse_duration("2h"), 2h);
    EXPECT_EQ(parse_duration("7d"), 7 * 24h);
    for (const char* text : {"", "5", "s", "-5s", "-0s", "+5s", "5 s", "5S", "5s ", "1.5s", "5w",
                             "99999999999999999999s", "9223372036854775807d"}) {
        EXPECT_FALSE(parse_duration(text)) << text;
    }
}

}  // namespace
}  // namespace atlas
