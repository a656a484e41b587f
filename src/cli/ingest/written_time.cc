// SPDX-License-Identifier: Apache-2.0
#include "cli/ingest/written_time.h"

#include <algorithm>

namespace atlas::cli {
namespace {

namespace chrono = std::chrono;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_letter(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

// A number of `least` to `most` digits at the beginning of `text`, taken off it.
std::optional<int> take_number(std::string_view& text, std::size_t least, std::size_t most) {
    std::size_t count = 0;
    int number = 0;
    for (; count < std::min(most, text.size()) && is_digit(text[count]); ++count) {
        number = number * 10 + (text[count] - '0');
    }
    if (count < least) return std::nullopt;
    text.remove_prefix(count);
    return number;
}

bool take(std::string_view& text, std::string_view one_of) {
    if (text.empty() || one_of.find(text.front()) == std::string_view::npos) return false;
    text.remove_prefix(1);
    return true;
}

bool take_blanks(std::string_view& text) {
    const std::size_t before = text.size();
    while (take(text, " ")) {
    }
    return text.size() != before;
}

bool take_date(std::string_view& text, CalendarTime& time) {
    const auto year = take_number(text, 4, 4);
    if (!year || text.empty()) return false;
    const std::string_view separator = text.substr(0, 1);
    if (!take(text, "-/")) return false;
    const auto month = take_number(text, 2, 2);
    if (!month || !take(text, separator)) return false;
    const auto day = take_number(text, 2, 2);
    if (!day) return false;
    time.year = *year;
    time.month = *month;
    time.day = *day;
    return true;
}

bool take_time_of_day(std::string_view& text, CalendarTime& time) {
    const auto hour = take_number(text, 1, 2);
    if (!hour || !take(text, ":")) return false;
    const auto minute = take_number(text, 2, 2);
    if (!minute) return false;
    time.hour = *hour;
    time.minute = *minute;
    if (!take(text, ":")) return true;
    const auto second = take_number(text, 2, 2);
    if (!second) return false;
    time.second = *second;
    if (!take(text, ".,")) return true;
    const auto end = std::ranges::find_if_not(text, is_digit);
    const auto count = static_cast<std::size_t>(end - text.begin());
    time.fraction = read_fraction(text.substr(0, count));
    text.remove_prefix(count);
    return count > 0;
}

}  // namespace

Micros read_fraction(std::string_view digits) {
    std::int64_t micros = 0;
    for (std::size_t i = 0; i < 6; ++i) {
        micros = micros * 10 + (i < digits.size() ? digits[i] - '0' : 0);
    }
    return Micros{micros};
}

std::optional<Micros> local_time(const CalendarTime& time) {
    const chrono::year_month_day date{chrono::year{time.year},
                                      chrono::month{static_cast<unsigned>(time.month)},
                                      chrono::day{static_cast<unsigned>(time.day)}};
    if (time.year < 1 || time.year > 9999 || !date.ok()) return std::nullopt;
    if (time.hour > 23 || time.minute > 59 || time.second > 59) return std::nullopt;
    return chrono::sys_days{date}.time_since_epoch() + chrono::hours{time.hour} +
           chrono::minutes{time.minute} + chrono::seconds{time.second} + time.fraction;
}

std::optional<Micros> take_offset(std::string_view& text) {
    std::string_view rest = text;
    if (take(rest, "Zz")) {
        if (!rest.empty() && is_letter(rest.front())) return std::nullopt;
        text = rest;
        return Micros{0};
    }
    const bool west = text.starts_with('-');
    if (!take(rest, "+-")) return std::nullopt;
    const auto hours = take_number(rest, 2, 2);
    if (!hours) return std::nullopt;
    int minutes = 0;
    int seconds = 0;
    const bool colon = take(rest, ":");
    if (const auto found = take_number(rest, 2, 2)) {
        minutes = *found;
        std::string_view more = rest;
        if (take(more, ":") == colon) {
            if (const auto last = take_number(more, 2, 2)) {
                seconds = *last;
                rest = more;
            }
        }
    } else if (colon) {
        return std::nullopt;
    }
    if (*hours > 23 || minutes > 59 || seconds > 59) return std::nullopt;
    text = rest;
    const Micros offset =
        chrono::hours{*hours} + chrono::minutes{minutes} + chrono::seconds{seconds};
    return west ? -offset : offset;
}

std::optional<WrittenTime> read_time_text(std::string_view text) {
    CalendarTime time;
    if (!take_date(text, time)) return std::nullopt;
    WrittenTime written;
    if (!text.empty()) {
        if (!take(text, "Tt") && !take_blanks(text)) return std::nullopt;
        if (!take_time_of_day(text, time)) return std::nullopt;
        take_blanks(text);
        written.offset = take_offset(text);
        if (written.offset) take_blanks(text);
        // What is left is the name of the zone, as in "10:00 UTC" and "10:00 +0200 CEST".
        if (!std::ranges::all_of(text, is_letter)) return std::nullopt;
        written.zone = text;
    }
    const auto local = local_time(time);
    if (!local) return std::nullopt;
    written.local = *local;
    return written;
}

}  // namespace atlas::cli
