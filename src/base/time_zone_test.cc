// SPDX-License-Identifier: Apache-2.0
//
// Goal: offsets, the repeated and the missing hour, and the beginnings of days are those of the tz
// database, also for the years to come.
#include "base/time_zone.h"

#include <gtest/gtest.h>

namespace atlas {
namespace {

using Count = TimeZone::Instants::Count;

Time utc(std::string_view text) {
    return *parse_rfc3339(text);
}
Micros local(std::string_view text) {
    return parse_rfc3339(std::string(text) + "Z")->time_since_epoch();
}

TEST(TimeZone, KnowsNamesOfTheDatabaseOnly) {
    EXPECT_TRUE(TimeZone::find("Europe/Berlin"));
    EXPECT_EQ(TimeZone::find("Asia/Kolkata")->name(), "Asia/Kolkata");
    for (const char* name : {"", "Berlin", "europe/berlin", "../../etc/passwd", "CEST", "+02:00"}) {
        EXPECT_FALSE(TimeZone::find(name)) << name;
    }
}

TEST(TimeZone, OffsetsFollowTheRulesOfTheZone) {
    const auto berlin = *TimeZone::find("Europe/Berlin");
    EXPECT_EQ(berlin.offset(utc("2026-07-01T10:00:00Z")), std::chrono::hours{2});
    EXPECT_EQ(berlin.offset(utc("2026-12-01T10:00:00Z")), std::chrono::hours{1});
    EXPECT_EQ(berlin.offset(utc("2035-07-01T10:00:00Z")), std::chrono::hours{2});
    EXPECT_EQ(berlin.offset(utc("2026-10-25T00:59:59.999999Z")), std::chrono::hours{2});
    EXPECT_EQ(berlin.offset(utc("2026-10-25T01:00:00Z")), std::chrono::hours{1});
    EXPECT_EQ(TimeZone::find("Asia/Kolkata")->offset(utc("2026-07-01T10:00:00Z")),
              std::chrono::minutes{330});
}

TEST(TimeZone, TellsTheRepeatedAndTheMissingHour) {
    const auto berlin = *TimeZone::find("Europe/Berlin");
    const auto plain = berlin.instants(local("2026-07-01T10:00:00.25"));
    EXPECT_EQ(plain.count, Count::once);
    EXPECT_EQ(plain.first, utc("2026-07-01T08:00:00.25Z"));
    EXPECT_EQ(plain.first_name, "CEST");

    const auto twice = berlin.instants(local("2026-10-25T02:30:00"));
    EXPECT_EQ(twice.count, Count::twice);
    EXPECT_EQ(twice.first, utc("2026-10-25T00:30:00Z"));
    EXPECT_EQ(twice.second, utc("2026-10-25T01:30:00Z"));
    EXPECT_EQ(twice.first_name, "CEST");
    EXPECT_EQ(twice.second_name, "CET");

    const auto never = berlin.instants(local("2026-03-29T02:30:00"));
    EXPECT_EQ(never.count, Count::never);
    EXPECT_EQ(never.first, utc("2026-03-29T01:30:00Z"));   // 03:30 in summer time
    EXPECT_EQ(never.second, utc("2026-03-29T01:00:00Z"));  // when the clocks change
}

TEST(TimeZone, ADayBeginsAtItsFirstInstant) {
    const auto begin = [](const char* zone, const char* day) {
        const auto since = local(std::string(day) + "T00:00:00");
        return format_rfc3339(
            TimeZone::find(zone)->begin_of_day(std::chrono::floor<std::chrono::days>(since)));
    };
    EXPECT_EQ(begin("Europe/Berlin", "2026-07-01"), "2026-06-30T22:00:00.000000Z");
    // Summer time began at midnight, and this day at one o'clock.
    EXPECT_EQ(begin("America/Sao_Paulo", "2018-11-04"), "2018-11-04T03:00:00.000000Z");
    // Midnight came twice.
    EXPECT_EQ(begin("America/Havana", "2025-11-02"), "2025-11-02T04:00:00.000000Z");
    // Samoa had no 30 December 2011.
    EXPECT_EQ(begin("Pacific/Apia", "2011-12-31"), "2011-12-30T10:00:00.000000Z");
}

}  // namespace
}  // namespace atlas
