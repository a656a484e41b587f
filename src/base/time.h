// SPDX-License-Identifier: Apache-2.0
//
// Instants of observation and arrival: microseconds since the Unix epoch, UTC, PostgreSQL's
// resolution. Durations for intervals and limits are std::chrono's.
//
// Threading  plain data; pure functions, but for now(), which reads the system clock.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace atlas {

using Micros = std::chrono::microseconds;
using Time = std::chrono::sys_time<Micros>;
using Day = std::chrono::sys_days;

constexpr Time time_from_micros(std::int64_t micros) {
    return Time{Micros{micros}};
}
// nullopt outside the years 1 to 9999.
constexpr std::optional<Time> time_from_millis(std::int64_t millis) {
    constexpr std::int64_t kFirst = -62'135'596'800'000;
    constexpr std::int64_t kLast = 253'402'300'799'999;
    if (millis < kFirst || millis > kLast) return std::nullopt;
    return time_from_micros(millis * 1000);
}
constexpr std::int64_t to_micros(Time time) {
    return time.time_since_epoch().count();
}
// The UTC day.
constexpr Day day_of(Time time) {
    return std::chrono::floor<std::chrono::days>(time);
}
inline Time now() {
    return std::chrono::floor<Micros>(std::chrono::system_clock::now());
}

// How far after its arrival an observation may claim to have been made, as clocks differ. SQL
// repeats this bound where it writes and searches; a test compares the two.
inline constexpr std::chrono::minutes kMaxAhead{10};

// RFC 3339 with a zone ("2026-11-21T10:00:00.123456Z", "…+02:00", also a blank for the T and any
// number of fraction digits, those beyond microseconds cut off). nullopt when it is not that, names
// no day of the calendar, or lies outside the years 1 to 9999.
std::optional<Time> parse_rfc3339(std::string_view text);

// "2026-11-21T10:00:00.123456Z": UTC, always microseconds.
std::string format_rfc3339(Time time);
void append_rfc3339(std::string& out, Time time);

// "250ms", "5s", "10m", "2h", "7d"; nullopt for anything else, also for a sign.
std::optional<Micros> parse_duration(std::string_view text);

}  // namespace atlas
