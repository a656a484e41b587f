// SPDX-License-Identifier: Apache-2.0
//
// Goal: buckets are those of the calendar that was asked for, and every instant is in exactly one.
#include "query/bucket.h"

#include <gtest/gtest.h>

#include <random>

#include "testing/rounds.h"

namespace atlas::query {
namespace {

BucketStep step(std::string_view text, const char* zone = nullptr) {
    return *BucketStep::parse(text, zone == nullptr ? std::nullopt : TimeZone::find(zone));
}

std::string of(const BucketStep& step, std::string_view at) {
    const Bucket found = step.bucket(*parse_rfc3339(at));
    return format_rfc3339(found.start).substr(0, 16) + " " +
           format_rfc3339(found.end).substr(0, 16);
}

TEST(BucketStep, ReadsSteps) {
    const auto berlin = TimeZone::find("Europe/Berlin");
    for (const char* text : {"250ms", "10s", "5m", "1h", "1d", "2w", "1mo", "3mo", "1y"}) {
        EXPECT_TRUE(BucketStep::parse(text, {})) << text;
        EXPECT_TRUE(BucketStep::parse(text, berlin)) << text;
    }
    for (const char* text : {"", "0s", "0d", "0mo", "-1w", "1", "w", "1.5d", "1month", "99999y",
                             "99999999999999999999w"}) {
        EXPECT_FALSE(BucketStep::parse(text, {})) << text;
        EXPECT_FALSE(BucketStep::parse(text, berlin)) << text;
    }
}

TEST(BucketStep, LengthsAreAlignedToTheEpoch) {
    EXPECT_EQ(of(step("1h"), "2026-07-01T10:59:59.999999Z"), "2026-07-01T10:00 2026-07-01T11:00");
    EXPECT_EQ(of(step("1d"), "2026-07-01T23:30:00Z"), "2026-07-01T00:00 2026-07-02T00:00");
    EXPECT_EQ(of(step("7h"), "1969-12-31T23:00:00Z"), "1969-12-31T17:00 1970-01-01T00:00");
    EXPECT_EQ(of(step("6h", "Europe/Berlin"), "2026-07-01T05:00:00Z"),
              "2026-07-01T00:00 2026-07-01T06:00");
}

TEST(BucketStep, CalendarsAreThoseOfTheZone) {
    const char* berlin = "Europe/Berlin";
    EXPECT_EQ(of(step("1d", berlin), "2026-07-01T22:30:00Z"), "2026-07-01T22:00 2026-07-02T22:00");
    // The days on which the clocks change have 23 and 25 hours.
    EXPECT_EQ(of(step("1d", berlin), "2026-03-29T12:00:00Z"), "2026-03-28T23:00 2026-03-29T22:00");
    EXPECT_EQ(of(step("1d", berlin), "2026-10-25T12:00:00Z"), "2026-10-24T22:00 2026-10-25T23:00");
    EXPECT_EQ(of(step("1w", berlin), "2026-10-25T22:59:00Z"), "2026-10-18T22:00 2026-10-25T23:00");
    EXPECT_EQ(of(step("1mo", berlin), "2026-10-31T22:59:00Z"), "2026-09-30T22:00 2026-10-31T23:00");
    EXPECT_EQ(of(step("1y", berlin), "2025-12-31T23:00:00Z"), "2025-12-31T23:00 2026-12-31T23:00");
    EXPECT_EQ(of(step("1d", "Asia/Kolkata"), "2026-07-01T18:30:00Z"),
              "2026-07-01T18:30 2026-07-02T18:30");
    EXPECT_EQ(of(step("1w"), "2026-11-29T23:59:59Z"), "2026-11-23T00:00 2026-11-30T00:00");
    EXPECT_EQ(of(step("3mo"), "2026-02-28T12:00:00Z"), "2026-01-01T00:00 2026-04-01T00:00");
    EXPECT_EQ(of(step("1mo"), "1969-12-31T23:59:59Z"), "1969-12-01T00:00 1970-01-01T00:00");
}

// Goal: clocks that pass midnight twice, or leave out a day, tear no hole and count nothing twice.
TEST(BucketStep, OddDaysFollowEachOther) {
    // At a minute past midnight the clocks of St. John's went back to 23:01.
    EXPECT_EQ(of(step("1d", "America/St_Johns"), "2010-11-07T03:00:00Z"),
              "2010-11-07T02:30 2010-11-08T03:30");
    EXPECT_EQ(of(step("1d", "Pacific/Apia"), "2011-12-30T10:00:00Z"),
              "2011-12-30T10:00 2011-12-31T10:00");
}

TEST(BucketStepProperty, EveryInstantIsInOneBucket) {
    const std::uint64_t seed = test::seed_or(8);
    SCOPED_TRACE("ATLAS_SEED=" + std::to_string(seed));
    std::mt19937_64 random(seed);
    const auto first = to_micros(*parse_rfc3339("1960-01-01T00:00:00Z"));
    const auto last = to_micros(*parse_rfc3339("2037-01-01T00:00:00Z"));
    std::uniform_int_distribution<std::int64_t> any(first, last);
    for (std::uint64_t round = 0; round < test::rounds_or(200); ++round) {
        for (const char* zone : {"Europe/Berlin", "America/St_Johns", "Pacific/Apia",
                                 "America/Sao_Paulo", "Asia/Gaza", "Africa/Cairo"}) {
            for (const char* text : {"7h", "1d", "3d", "1w", "1mo", "1y"}) {
                const BucketStep steps = step(text, zone);
                const Time at = time_from_micros(any(random));
                const Bucket found = steps.bucket(at);
                const std::string where = fmt::format("{} {} {}", text, zone, format_rfc3339(at));
                ASSERT_TRUE(found.holds(at)) << where;
                EXPECT_EQ(steps.bucket(found.start).start, found.start) << where;
                EXPECT_EQ(steps.bucket(found.end - Micros{1}).end, found.end) << where;
                EXPECT_EQ(steps.bucket(found.end).start, found.end) << where;
                EXPECT_EQ(steps.shift(found.start, 1), found.end) << where;
                EXPECT_EQ(steps.shift(found.start, 5), steps.shift(found.end, 4)) << where;
                EXPECT_LT(steps.shift(found.start, -2), found.start) << where;
            }
        }
    }
}

}  // namespace
}  // namespace atlas::query
