// SPDX-License-Identifier: Apache-2.0
//
// A time as a file writes it: what a clock showed, and what is said about the clock.
//
//     cell → TimePattern, read_time_text → [WrittenTime] → TimeColumn → instant
//
// Threading  plain data; pure functions.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "base/time.h"

namespace atlas::cli {

struct WrittenTime {
    Micros local{};                // since that clock showed 1970-01-01 00:00
    std::optional<Micros> offset;  // local minus UTC; nullopt: not said as a number
    std::string_view zone;         // its name or abbreviation; borrows from the cell
};

// A date and a time of day, put together. nullopt when the calendar has no such date (year 1 to
// 9999) or the day no such time; second 60 is the last microsecond of its minute.
struct CalendarTime {
    int year = 0, month = 0, day = 0;
    int hour = 0, minute = 0, second = 0;
    Micros fraction{};
};
std::optional<Micros> local_time(const CalendarTime& time);

// Digits after the point to microseconds; further digits are cut off.
Micros read_fraction(std::string_view digits);

// "Z", "+02", "+0200", "+02:00" and with seconds at the beginning of `text`, taken off it.
// nullopt, with `text` unchanged, when it begins with no offset.
std::optional<Micros> take_offset(std::string_view& text);

// A time written as ISO 8601 writes it, or nearly: 2026-11-28, 2026/11/28 10:00,
// 2026-11-28T10:00:00.123456+01:00, 2026-11-28 9:05:00,5 UTC. A bare date is its first instant.
std::optional<WrittenTime> read_time_text(std::string_view text);

}  // namespace atlas::cli
