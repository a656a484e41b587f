// SPDX-License-Identifier: Apache-2.0
#include "model/convert.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "base/time.h"

namespace atlas::model {
namespace {

constexpr std::size_t kMaxNumberBytes = 1000;
constexpr std::size_t kMaxDigits = 1000;  // before the point, and after it
constexpr std::size_t kMaxExponentDigits = 3;
constexpr std::int64_t kExactInts = std::int64_t{1} << 53U;
constexpr double kBeyondInts = 9'223'372'036'854'775'808.0;
// The years that RFC 3339 can write, in milliseconds.
constexpr std::int64_t kFirstMillis = -62'135'596'800'000;
constexpr std::int64_t kLastMillis = 253'402'300'799'999;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

std::size_t leading_digits(std::string_view text) {
    return static_cast<std::size_t>(std::ranges::find_if_not(text, is_digit) - text.begin());
}

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view kBlanks = " \t\r\n";
    const auto first = text.find_first_not_of(kBlanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

bool equals_word(std::string_view text, std::string_view word) {
    return std::ranges::equal(text, word, [](char a, char b) {
        return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
    });
}

Value int_value(std::int64_t integer) {
    return {.group = Group::ints, .integer = integer, .text = {}};
}

// The whole number of plain digits; nullopt where they have a fraction or exceed 64 bits.
std::optional<std::int64_t> whole(std::string_view digits) {
    const auto point = digits.find('.');
    if (point != std::string_view::npos) {
        if (digits.find_first_not_of('0', point + 1) != std::string_view::npos) return std::nullopt;
        digits = digits.substr(0, point);
    }
    std::int64_t integer = 0;
    const char* const end = digits.data() + digits.size();
    const auto read = std::from_chars(digits.data(), end, integer);
    if (read.ec != std::errc{} || read.ptr != end) return std::nullopt;
    return integer;
}

// What number a value is, under its former type: whole ones as an int, others as plain digits.
struct Number {
    std::optional<std::int64_t> integer;
    std::string_view digits;  // of what was not stored as an int
    bool stored_int = false;
};

std::optional<Number> number_of_int(Type from, std::int64_t integer) {
    if (from == Type::timestamp) {
        if (integer % 1000 != 0) return std::nullopt;
        integer /= 1000;
    }
    return Number{.integer = integer, .digits = {}, .stored_int = true};
}

std::optional<Number> number_of(Type from, const Value& value, std::string& scratch) {
    if (value.group == Group::ints) return number_of_int(from, value.integer);
    if (value.group == Group::texts) {
        auto digits = from == Type::string ? plain_digits(trimmed(value.text)) : std::nullopt;
        if (!digits) return std::nullopt;
        scratch = std::move(*digits);
    } else if (value.group == Group::doubles) {
        std::array<char, 40> text{};
        const double size = std::abs(value.number);
        const bool exact = size >= static_cast<double>(kExactInts) && size <= kBeyondInts;
        char* const end = text.data() + text.size();
        // The shortest text of a large whole number ends in other digits.
        const auto written =
            exact ? std::to_chars(text.data(), end, value.number, std::chars_format::fixed, 0)
                  : std::to_chars(text.data(), end, value.number, std::chars_format::scientific);
        auto digits = plain_digits({text.data(), written.ptr});
        if (!digits) return std::nullopt;
        scratch = std::move(*digits);
    } else {
        scratch = value.text;
    }
    return Number{.integer = whole(scratch), .digits = scratch};
}

std::optional<Value> to_double(const Number& number) {
    if (number.stored_int) return int_value(*number.integer);
    if (number.integer && (*number.integer > kExactInts || *number.integer < -kExactInts)) {
        return int_value(*number.integer);  // with all its digits
    }
    double nearest = 0;
    const char* const end = number.digits.data() + number.digits.size();
    const auto read = std::from_chars(number.digits.data(), end, nearest);
    if (read.ec != std::errc{} || !std::isfinite(nearest)) return std::nullopt;
    return Value{.group = Group::doubles, .number = nearest, .text = {}};
}

std::optional<Value> to_decimal(const Number& number) {
    if (number.stored_int) return int_value(*number.integer);
    const std::string_view unsigned_digits =
        number.digits.substr(number.digits.starts_with('-') ? 1 : 0);
    const std::size_t before = std::min(unsigned_digits.find('.'), unsigned_digits.size());
    const std::size_t after = unsigned_digits.size() - std::min(before + 1, unsigned_digits.size());
    if (before > kMaxDigits || after > kMaxDigits) return std::nullopt;
    return Value{.group = Group::decimals, .text = number.digits};
}

std::optional<Value> to_bool(Type from, const Value& value, std::string& scratch) {
    if (from == Type::timestamp || from == Type::json) return std::nullopt;
    if (from == Type::string) {
        const std::string_view word = trimmed(value.text);
        const auto is = [word](std::string_view other) { return equals_word(word, other); };
        if (is("true") || is("t") || is("1")) return int_value(1);
        if (is("false") || is("f") || is("0")) return int_value(0);
        return std::nullopt;
    }
    const auto number = number_of(from, value, scratch);
    if (!number || (number->integer != 0 && number->integer != 1)) return std::nullopt;
    return int_value(*number->integer);
}

std::optional<Value> to_timestamp(Type from, const Value& value, std::string& scratch) {
    if (from == Type::boolean || from == Type::json) return std::nullopt;
    if (from == Type::string) {
        const auto time = parse_rfc3339(trimmed(value.text));
        if (!time) return std::nullopt;
        return int_value(to_micros(*time));
    }
    const auto number = number_of(from, value, scratch);
    if (!number || !number->integer || *number->integer < kFirstMillis ||
        *number->integer > kLastMillis) {
        return std::nullopt;
    }
    return int_value(*number->integer * 1000);
}

std::optional<Value> to_string(Type from, const Value& value, std::string& scratch) {
    if (from == Type::json) return value;
    if (value.group != Group::ints) {
        if (!number_of(from, value, scratch)) return std::nullopt;
    } else if (from == Type::boolean) {
        scratch = value.integer != 0 ? "true" : "false";
    } else if (from == Type::timestamp) {
        scratch = format_rfc3339(time_from_micros(value.integer));
    } else {
        scratch = std::to_string(value.integer);
    }
    return Value{.group = Group::texts, .text = scratch};
}

}  // namespace

std::optional<std::string> plain_digits(std::string_view text) {
    if (text.size() > kMaxNumberBytes) return std::nullopt;
    const bool negative = text.starts_with('-');
    if (negative || text.starts_with('+')) text.remove_prefix(1);
    std::string digits(text.substr(0, leading_digits(text)));
    text.remove_prefix(digits.size());
    std::ptrdiff_t scale = 0;  // digits after the point
    if (text.starts_with('.')) {
        text.remove_prefix(1);
        const std::string_view fraction = text.substr(0, leading_digits(text));
        digits += fraction;
        scale = static_cast<std::ptrdiff_t>(fraction.size());
        text.remove_prefix(fraction.size());
    }
    if (digits.empty()) return std::nullopt;
    if (text.starts_with('e') || text.starts_with('E')) {
        text.remove_prefix(1);
        if (text.starts_with('+')) text.remove_prefix(text.size() > 1 && is_digit(text[1]) ? 1 : 0);
        int exponent = 0;
        const char* const end = text.data() + text.size();
        const std::size_t sign = text.starts_with('-') ? 1 : 0;
        const auto read = std::from_chars(text.data(), end, exponent);
        if (read.ec != std::errc{} || text.size() - sign > kMaxExponentDigits) return std::nullopt;
        text.remove_prefix(static_cast<std::size_t>(read.ptr - text.data()));
        scale -= exponent;
    }
    if (!text.empty()) return std::nullopt;
    if (scale < 0) digits.append(static_cast<std::size_t>(-scale), '0');
    const auto after = static_cast<std::size_t>(std::max<std::ptrdiff_t>(scale, 0));
    if (digits.size() <= after) digits.insert(0, after + 1 - digits.size(), '0');
    const std::size_t before = digits.size() - after;
    digits.erase(0, std::min(digits.find_first_not_of('0'), before - 1));
    const bool zero = digits.find_first_not_of('0') == std::string::npos;
    if (after > 0) digits.insert(digits.size() - after, 1, '.');
    return negative && !zero ? "-" + digits : digits;
}

std::optional<Value> convert(Type from, Type to, const Value& value, std::string& scratch) {
    if (value.null || from == to) return value;
    switch (to) {
        case Type::boolean: return to_bool(from, value, scratch);
        case Type::timestamp: return to_timestamp(from, value, scratch);
        case Type::string: return to_string(from, value, scratch);
        case Type::json: return std::nullopt;
        case Type::int64:
        case Type::float64:
        case Type::decimal: break;
    }
    const auto number = number_of(from, value, scratch);
    if (!number) return std::nullopt;
    if (to == Type::float64) return to_double(*number);
    if (to == Type::decimal) return to_decimal(*number);
    return number->integer ? std::optional(int_value(*number->integer)) : std::nullopt;
}

}  // namespace atlas::model
