// SPDX-License-Identifier: Apache-2.0
#include "cli/ingest/time_number.h"

#include <algorithm>
#include <charconv>

namespace atlas::cli {
namespace {

namespace chrono = std::chrono;

constexpr int kMaxExponent = 1000;
constexpr std::int64_t kDayMillis = 86'400'000;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

std::string_view take_digits(std::string_view& text) {
    const auto end = std::ranges::find_if_not(text, is_digit);
    const auto count = static_cast<std::size_t>(end - text.begin());
    const std::string_view found = text.substr(0, count);
    text.remove_prefix(count);
    return found;
}

// "E+09" at the end of a number.
bool read_exponent(std::string_view text, int& exponent) {
    if (text.empty()) return true;
    if (text.front() != 'e' && text.front() != 'E') return false;
    text.remove_prefix(1);
    if (text.starts_with('+')) text.remove_prefix(1);
    const auto read = std::from_chars(text.data(), text.data() + text.size(), exponent);
    return read.ec == std::errc{} && read.ptr == text.data() + text.size() &&
           exponent <= kMaxExponent && exponent >= -kMaxExponent;
}

int two(std::string_view digits, std::size_t at) {
    return (digits[at] - '0') * 10 + (digits[at + 1] - '0');
}

std::int64_t value_of(std::string_view digits) {
    std::int64_t number = 0;
    for (const char c : digits.substr(0, 18)) number = number * 10 + (c - '0');
    return digits.size() > 18 ? std::int64_t{1} << 62U : number;
}

}  // namespace

std::optional<Decimal> read_decimal(std::string_view text) {
    Decimal number;
    const std::size_t size = text.size();
    if (text.starts_with('-') || text.starts_with('+')) {
        number.negative = text.front() == '-';
        text.remove_prefix(1);
    }
    number.whole = take_digits(text);
    number.plain = number.whole.size() == size && size > 0;
    if (number.plain) return number;
    if (text.starts_with('.') || text.starts_with(',')) {
        text.remove_prefix(1);
        number.fraction = take_digits(text);
    }
    if (number.whole.empty() && number.fraction.empty()) return std::nullopt;
    if (!read_exponent(text, number.exponent)) return std::nullopt;
    return number;
}

std::optional<std::int64_t> scaled(const Decimal& number, int power) {
    const auto whole = static_cast<std::int64_t>(number.whole.size());
    const auto digits = whole + static_cast<std::int64_t>(number.fraction.size());
    const auto digit = [&](std::int64_t i) -> int {
        const auto at = static_cast<std::size_t>(i);
        if (i >= digits) return 0;
        return (i < whole ? number.whole[at] : number.fraction[at - number.whole.size()]) - '0';
    };
    // Digits before the point of the result.
    const std::int64_t kept = whole + number.exponent + power;
    std::int64_t value = 0;
    for (std::int64_t i = 0; i < kept; ++i) {
        if (i >= digits && value == 0) break;
        if (__builtin_mul_overflow(value, std::int64_t{10}, &value) ||
            __builtin_add_overflow(value, std::int64_t{digit(i)}, &value)) {
            return std::nullopt;
        }
    }
    if (!number.negative) return value;
    bool cut = false;
    for (std::int64_t i = std::max<std::int64_t>(kept, 0); i < digits && !cut; ++i) {
        cut = digit(i) != 0;
    }
    return -value - (cut ? 1 : 0);
}

std::string_view to_string(TimeUnit unit) {
    switch (unit) {
        case TimeUnit::unix: return "unix";
        case TimeUnit::unix_ms: return "unix_ms";
        case TimeUnit::unix_us: return "unix_us";
        case TimeUnit::unix_ns: return "unix_ns";
    }
    return "";
}

std::optional<TimeUnit> parse_time_unit(std::string_view word) {
    const auto found =
        std::ranges::find(kTimeUnits, word, [](TimeUnit unit) { return to_string(unit); });
    if (found == kTimeUnits.end()) return std::nullopt;
    return *found;
}

std::optional<Time> time_of(const Decimal& number, TimeUnit unit) {
    constexpr std::array kPowers{6, 3, 0, -3};
    constexpr Time kFirst{chrono::sys_days{chrono::year{1} / 1 / 1}};
    constexpr Time kEnd{chrono::sys_days{chrono::year{10000} / 1 / 1}};
    const auto micros = scaled(number, kPowers[static_cast<std::size_t>(unit)]);
    if (!micros) return std::nullopt;
    const Time time = time_from_micros(*micros);
    if (time < kFirst || time >= kEnd) return std::nullopt;
    return time;
}

std::optional<Micros> spreadsheet_time(const Decimal& number) {
    constexpr std::int64_t kFirstDay = 61;
    constexpr std::int64_t kEndDay = 2'958'466;
    constexpr std::int64_t kScale = 1'000'000'000'000;
    const auto days = scaled(number, 12);
    if (!days || *days < kFirstDay * kScale || *days >= kEndDay * kScale) return std::nullopt;
    const std::int64_t rest = *days % kScale;
    const std::int64_t into_day = (rest * 86'400 + kScale / 2'000) / (kScale / 1'000);
    const std::int64_t millis = (*days / kScale) * kDayMillis + into_day;
    constexpr chrono::sys_days kZero{chrono::year{1899} / 12 / 30};
    return kZero.time_since_epoch() + chrono::milliseconds{millis};
}

const char* compact_pattern(const Decimal& number) {
    const std::string_view digits = number.whole;
    if (!number.plain) return nullptr;
    const char* pattern = digits.size() == 8    ? "%Y%m%d"
                          : digits.size() == 10 ? "%Y%m%d%H"
                          : digits.size() == 12 ? "%Y%m%d%H%M"
                          : digits.size() == 14 ? "%Y%m%d%H%M%S"
                                                : nullptr;
    if (pattern == nullptr) return nullptr;
    const chrono::year_month_day date{chrono::year{two(digits, 0) * 100 + two(digits, 2)},
                                      chrono::month{static_cast<unsigned>(two(digits, 4))},
                                      chrono::day{static_cast<unsigned>(two(digits, 6))}};
    constexpr chrono::year kLeast{1900};
    constexpr chrono::year kMost{2100};
    if (!date.ok() || date.year() < kLeast || date.year() > kMost) return nullptr;
    if (digits.size() >= 10 && two(digits, 8) > 23) return nullptr;
    if (digits.size() >= 12 && two(digits, 10) > 59) return nullptr;
    if (digits.size() >= 14 && two(digits, 12) > 60) return nullptr;
    return pattern;
}

bool looks_like_spreadsheet(const Decimal& number) {
    constexpr std::int64_t kLeast = 20'000;
    constexpr std::int64_t kMost = 80'000;
    if (number.negative || number.exponent != 0) return false;
    const std::int64_t days = value_of(number.whole);
    return days >= kLeast && days <= kMost;
}

}  // namespace atlas::cli
