// SPDX-License-Identifier: Apache-2.0
//
// Goal: the spellings of ISO 8601 and its neighbours are read in full or not at all.
#include "cli/ingest/written_time.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace atlas::cli {
namespace {

// "2026-07-01T10:00:00.000000Z +7200 CEST": what the clock showed, its offset and name.
std::string read(std::string_view text) {
    const auto written = read_time_text(text);
    if (!written) return "no time";
    std::string out = format_rfc3339(Time{written->local});
    if (written->offset) {
        const auto seconds = std::chrono::floor<std::chrono::seconds>(*written->offset);
        out += fmt::format(" {:+}", seconds.count());
    }
    return out + (written->zone.empty() ? "" : " ") + std::string(written->zone);
}

TEST(WrittenTime, ReadsIsoAndItsNeighbours) {
    EXPECT_EQ(read("2025-11-28"), "2025-11-28T00:00:00.000000Z");
    EXPECT_EQ(read("2025/11/28"), "2025-11-28T00:00:00.000000Z");
    EXPECT_EQ(read("2025-11-28 10:00"), "2025-11-28T10:00:00.000000Z");
    EXPECT_EQ(read("2025-11-28  9:05:01"), "2025-11-28T09:05:01.000000Z");
    EXPECT_EQ(read("2025-11-28T10:00:00,123"), "2025-11-28T10:00:00.123000Z");
    EXPECT_EQ(read("2025-11-28T10:00:00.9999999Z"), "2025-11-28T10:00:00.999999Z +0");
    EXPECT_EQ(read("2025-11-28T10:00-03:30"), "2025-11-28T10:00:00.000000Z -12600");
    EXPECT_EQ(read("2025-11-28 10:00:00 +0200"), "2025-11-28T10:00:00.000000Z +7200");
    EXPECT_EQ(read("2025-11-28 10:00:00+02"), "2025-11-28T10:00:00.000000Z +7200");
    EXPECT_EQ(read("1890-01-01 00:00:00+00:53:28"), "1890-01-01T00:00:00.000000Z +3208");
    EXPECT_EQ(read("2025-11-28 10:00:00 +0200 CEST"), "2025-11-28T10:00:00.000000Z +7200 CEST");
    EXPECT_EQ(read("2025-11-28 10:00 UTC"), "2025-11-28T10:00:00.000000Z UTC");
}

TEST(WrittenTime, RefusesWhatIsNone) {
    for (const char* text : {"",
                             "2025",
                             "2025-11",
                             "2025-02-29",
                             "2025-13-01",
                             "2025-11-31",
                             "2025-11/28",
                             "0000-01-01",
                             "28.11.2025",
                             "11/28/2025",
                             "2025-11-28T",
                             "2025-11-28T10",
                             "2025-11-28 x",
                             "2025-11-28T24:00",
                             "2025-11-28T10:60",
                             "2025-11-28T10:00:60",
                             "2025-11-28T10:00:61",
                             "2025-11-28T10:00:00.",
                             "2025-11-28T10:00:00.1.2",
                             "2025-11-28T10:00+",
                             "2025-11-28T10:00+2",

                             "2025-11-28T10:00+02:",
                             "2025-11-28T10:00+24:00",
                             "2025-11-28T10:00+02:60",
                             "10:00",
                             "2025-11-28T10:00:00 12",
                             "2025-11-28-10:00",
                             "20251128T100000Z",
                             "-025-11-28"}) {
        EXPECT_EQ(read(text), "no time") << text;
    }
}

}  // namespace
}  // namespace atlas::cli
