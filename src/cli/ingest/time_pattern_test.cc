// SPDX-License-Identifier: Apache-2.0
//
// Goal: every conversion of a pattern counts; what a pattern does not say, or a calendar does not
// have, is refused and never filled in.
#include "cli/ingest/time_pattern.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/server.h"

namespace atlas::cli {
namespace {

using testing::HasSubstr;

// The instant of a text that says its offset, or that counts as UTC; else why there is none.
std::string read(const std::string& pattern, std::string_view text) {
    std::string why;
    const auto written = TimePattern(pattern).read(text, why);
    if (!written) return why;
    return format_rfc3339(Time{written->local - written->offset.value_or(Micros{0})}) +
           (written->zone.empty() ? "" : " ") + std::string(written->zone);
}

std::string refusal(const std::string& pattern) {
    try {
        const TimePattern compiled(pattern);
    } catch (const CommandError& error) {
        EXPECT_EQ(error.exit_code, 2);
        return error.what();
    }
    return "accepted";
}

TEST(TimePattern, ReadsEveryConversion) {
    EXPECT_EQ(read("%d.%m.%Y %H:%M:%S", "28.11.2025 10:00:01"), "2025-11-28T10:00:01.000000Z");
    EXPECT_EQ(read("%Y-%m-%dT%H:%M:%S%z", "2026-07-01T10:00:00+0200"),
              "2026-07-01T08:00:00.000000Z");
    EXPECT_EQ(read("%FT%T.%f%z", "2026-07-01T10:00:00.1234567-03:30"),
              "2026-07-01T13:30:00.123456Z");
    EXPECT_EQ(read("%F %T,%f", "2026-07-01 10:00:00,5"), "2026-07-01T10:00:00.500000Z");
    EXPECT_EQ(read("%D %R", "07/01/26 10:00"), "2026-07-01T10:00:00.000000Z");
    EXPECT_EQ(read("%m/%d/%y %I:%M %p", "7/1/26 12:05 AM"), "2026-07-01T00:05:00.000000Z");
    EXPECT_EQ(read("%m/%d/%y %l:%M%p", "7/1/69  1:05pm"), "1969-07-01T13:05:00.000000Z");
    EXPECT_EQ(read("%d %b %Y %I %p", "1 September 2026 12 p.m."), "2026-09-01T12:00:00.000000Z");
    EXPECT_EQ(read("%a, %d %b %Y %T %z", "Wed, 01 Jul 2026 10:00:00 +0200"),
              "2026-07-01T08:00:00.000000Z");
    EXPECT_EQ(read("%A %e %B %Y %k", "Wednesday  1 JULY 2026  9"), "2026-07-01T09:00:00.000000Z");
    EXPECT_EQ(read("%Y-%j", "2024-366"), "2024-12-31T00:00:00.000000Z");
    EXPECT_EQ(read("%Y%m%d%H%M", "202511280900"), "2025-11-28T09:00:00.000000Z");
    EXPECT_EQ(read("%F %T %Z", "2026-07-01 10:00:00 CEST"), "2026-07-01T10:00:00.000000Z CEST");
    EXPECT_EQ(read("%F %T %Z", "2026-07-01 10:00:00 Etc/GMT+5"),
              "2026-07-01T10:00:00.000000Z Etc/GMT+5");
    EXPECT_EQ(read("%a %b %d %Y %T %Z%z", "Wed Jul 01 2026 10:00:00 GMT+0200"),
              "2026-07-01T08:00:00.000000Z GMT");
    EXPECT_EQ(read("%-d.%-m.%Y", "1.7.2026"), "2026-07-01T00:00:00.000000Z");
    EXPECT_EQ(read("at %F, 100%%", "at 2026-07-01, 100%"), "2026-07-01T00:00:00.000000Z");
}

// Goal: %s is an instant, whatever zone the machine is in.
TEST(TimePattern, SecondsAreAbsolute) {
    ::setenv("TZ", "America/New_York", 1);
    ::tzset();
    EXPECT_EQ(read("%s", "1764320400"), "2025-11-28T09:00:00.000000Z");
    EXPECT_EQ(read("%s.%f", "-1.25"), "1969-12-31T23:59:58.750000Z");
    ::unsetenv("TZ");
    ::tzset();
}

TEST(TimePattern, RefusesWhatTheCalendarDoesNotHave) {
    EXPECT_THAT(read("%d.%m.%Y", "31.02.2026"), HasSubstr("no time of the calendar"));
    EXPECT_THAT(read("%d.%m.%Y", "29.02.2025"), HasSubstr("no time of the calendar"));
    EXPECT_THAT(read("%d.%m.%Y", "01.13.2026"), HasSubstr("no time of the calendar"));
    EXPECT_THAT(read("%F %R", "2026-07-01 24:00"), HasSubstr("no time of the calendar"));
    EXPECT_THAT(read("%F %I %p", "2026-07-01 13 PM"), HasSubstr("no time of the calendar"));
    EXPECT_THAT(read("%Y-%j", "2025-366"), HasSubstr("no time of the calendar"));
    EXPECT_THAT(read("%F %j", "2026-07-01 183"), HasSubstr("no time of the calendar"));
    EXPECT_THAT(read("%a %F", "Thu 2026-07-01"), HasSubstr("day of the week"));
}

TEST(TimePattern, RefusesTextsOfAnotherForm) {
    for (const char* text :
         {"", "28.11.2025", "28.11.25 10:00", "28.11.2025 10:00:00", " 28.11.2025 10:00",
          "28.11.2025 10:00 ", "28.11.2025 x", "2025-11-28 10:00"}) {
        EXPECT_THAT(read("%d.%m.%Y %H:%M", text), HasSubstr("is not of the form")) << text;
    }
    EXPECT_THAT(read("%F %T.%f", "2026-07-01 10:00:00.1234567890"), HasSubstr("not of the form"));
    EXPECT_THAT(read("%F%z", "2026-07-01"), HasSubstr("not of the form"));
}

TEST(TimePattern, NamesWhatAPatternLacks) {
    const std::pair<const char*, const char*> kCases[] = {
        {"%d.%m. %H:%M", "lacks the year"}, {"%H:%M", "lacks the year"},
        {"%Y %H", "lacks the month"},       {"%Y-%m", "lacks the day"},
        {"%Y-%d", "lacks the month"},       {"%F %M", "lacks the hour"},
        {"%F %I:%M", "lacks %p"},           {"%F %H %p", "lacks %I"},
        {"%F %H:%S", "lacks the minute"},   {"%F %R.%f", "lacks the second"},
        {"%F %H %I %p", "say the same"},    {"%F %Y", "%Y repeats"},
        {"%d.%m.%Y %e", "%e repeats"},      {"%s %Y", "already"},
        {"%Y-%W", "%W is not supported"},   {"%Ey", "%E is not supported"},
        {"%c", "%c is not supported"},      {"%F %", "ends with a %"}};
    for (const auto& [pattern, reason] : kCases) {
        EXPECT_THAT(refusal(pattern), HasSubstr(reason)) << pattern;
    }
}

}  // namespace
}  // namespace atlas::cli
