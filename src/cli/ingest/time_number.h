// SPDX-License-Identifier: Apache-2.0
//
// Numbers as times: counts of seconds or less since 1970, and days of a spreadsheet. All arithmetic
// is on the digits as they are written; none of them passes through a double.
//
//     cell → [Decimal] → instant, in the unit of its column
//
// Threading  plain data; pure functions.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/time.h"

namespace atlas::cli {

// "1764320400", "-1.5", "1.7643204E+09", ".5", also with a comma for the point. Borrows the text.
struct Decimal {
    bool negative = false;
    std::string_view whole;     // digits before the point
    std::string_view fraction;  // and after it
    int exponent = 0;
    bool plain = false;  // digits and nothing else
};
std::optional<Decimal> read_decimal(std::string_view text);

// The value times ten to the power of `power`, rounded down; nullopt beyond 64 bits.
std::optional<std::int64_t> scaled(const Decimal& number, int power);

enum class TimeUnit : std::uint8_t { unix, unix_ms, unix_us, unix_ns };
inline constexpr std::array kTimeUnits{TimeUnit::unix, TimeUnit::unix_ms, TimeUnit::unix_us,
                                       TimeUnit::unix_ns};
std::string_view to_string(TimeUnit unit);
std::optional<TimeUnit> parse_time_unit(std::string_view word);

// The instant, cut to microseconds; nullopt outside the years 1 to 9999.
std::optional<Time> time_of(const Decimal& number, TimeUnit unit);

// Days since 30 December 1899, as spreadsheets count, as a local time to the nearest millisecond,
// which is what a double holds of it. nullopt before March 1900, where they disagree, and after
// 9999.
std::optional<Micros> spreadsheet_time(const Decimal& number);

// The pattern with which the digits are a date between 1900 and 2100, such as "%Y%m%d" for
// 20251128; nullptr when they are none.
const char* compact_pattern(const Decimal& number);
// Whether it is a spreadsheet's number of a day between 1954 and 2119.
bool looks_like_spreadsheet(const Decimal& number);

}  // namespace atlas::cli
