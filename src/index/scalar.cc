// SPDX-License-Identifier: Apache-2.0
#include "index/scalar.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

#include "model/convert.h"

namespace atlas::index {
namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

struct Digits {
    bool negative = false;
    std::string_view whole;
    std::string_view fraction;  // without trailing zeros

    bool zero() const { return whole == "0" && fraction.empty(); }
};

Digits split(std::string_view text) {
    Digits digits;
    digits.negative = text.starts_with('-');
    if (digits.negative) text.remove_prefix(1);
    const std::size_t point = std::min(text.find('.'), text.size());
    digits.whole = text.substr(0, point);
    if (point < text.size()) {
        digits.fraction = text.substr(point + 1);
        digits.fraction = digits.fraction.substr(0, digits.fraction.find_last_not_of('0') + 1);
    }
    if (digits.zero()) digits.negative = false;
    return digits;
}

std::strong_ordering compare_magnitudes(const Digits& a, const Digits& b) {
    if (a.whole.size() != b.whole.size()) return a.whole.size() <=> b.whole.size();
    if (const auto order = a.whole <=> b.whole; order != std::strong_ordering::equal) return order;
    return a.fraction <=> b.fraction;
}

// Whether a number of so few digits reads back from the nearest double.
bool short_enough(std::string_view json) {
    constexpr std::ptrdiff_t kAlwaysExact = 15;
    const bool fraction = json.find('.') != std::string_view::npos;
    return std::ranges::count_if(json, is_digit) <= kAlwaysExact &&
           !(fraction && json.ends_with('0'));
}

}  // namespace

Scalar::Kind kind_of(std::string_view json) {
    switch (json.empty() ? 'n' : json.front()) {
        case '"': return Scalar::Kind::string;
        case 't':
        case 'f': return Scalar::Kind::boolean;
        case 'n': return Scalar::Kind::null;
        case '{':
        case '[': return Scalar::Kind::container;
        default: return Scalar::Kind::number;
    }
}

Scalar plain_scalar(std::string_view json) {
    const Scalar::Kind kind = kind_of(json);
    const bool quoted = kind == Scalar::Kind::string && json.size() >= 2;
    return {.kind = kind, .json = json, .text = quoted ? json.substr(1, json.size() - 2) : json};
}

std::strong_ordering compare_digits(std::string_view a, std::string_view b) {
    const Digits first = split(a);
    const Digits second = split(b);
    if (first.negative != second.negative) {
        return first.negative ? std::strong_ordering::less : std::strong_ordering::greater;
    }
    return first.negative ? compare_magnitudes(second, first) : compare_magnitudes(first, second);
}

std::strong_ordering compare_json(const Scalar& a, const Scalar& b) {
    if (a.kind != b.kind) return a.kind <=> b.kind;
    if (a.kind == Scalar::Kind::number) return compare_digits(a.json, b.json);
    return a.text <=> b.text;  // "false" is less than "true"
}

double nearest_double(std::string_view digits) {
    double number = 0;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (read.ec != std::errc::result_out_of_range) return number;
    const Digits parts = split(digits);
    if (parts.whole == "0") return 0;
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    return parts.negative ? -kInfinity : kInfinity;
}

std::optional<std::int64_t> exact_int(std::string_view json) {
    std::int64_t value = 0;
    const char* const end = json.data() + json.size();
    const auto read = std::from_chars(json.data(), end, value);
    if (read.ec != std::errc{} || read.ptr != end || json == "-0" ||
        value == std::numeric_limits<std::int64_t>::min()) {
        return std::nullopt;
    }
    return value;
}

std::optional<double> exact_double(std::string_view json) {
    double value = 0;
    const char* const end = json.data() + json.size();
    const auto read = std::from_chars(json.data(), end, value);
    if (read.ec != std::errc{} || read.ptr != end || json == "-0" ||
        kind_of(json) != Scalar::Kind::number) {
        return std::nullopt;
    }
    if (short_enough(json)) return value;
    std::string again;
    append_double(again, value);
    return again == json ? std::optional(value) : std::nullopt;
}

std::optional<std::int64_t> exact_time(std::string_view json) {
    constexpr std::size_t kSize = 29;  // "2026-11-21T10:00:00.123456Z" with its quotes
    if (json.size() != kSize || json.front() != '"' || json[kSize - 2] != 'Z') return std::nullopt;
    const auto time = parse_rfc3339(json.substr(1, kSize - 2));
    if (!time) return std::nullopt;
    std::string again;
    append_time(again, to_micros(*time));
    return again == json ? std::optional(to_micros(*time)) : std::nullopt;
}

void append_int(std::string& out, std::int64_t value) {
    std::array<char, 24> text{};
    out.append(text.data(), std::to_chars(text.data(), text.data() + text.size(), value).ptr);
}

void append_double(std::string& out, double value) {
    std::array<char, 40> text{};
    const char* const end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
    const std::string_view shortest(text.data(), end);
    if (shortest.find('e') == std::string_view::npos) {
        out += shortest;
    } else if (const auto digits = model::plain_digits(shortest)) {
        out += *digits;
    }
}

void append_time(std::string& out, std::int64_t micros) {
    out += '"';
    append_rfc3339(out, time_from_micros(micros));
    out += '"';
}

std::string_view left(std::string_view text, std::size_t characters) {
    if (text.size() <= characters) return text;
    std::size_t seen = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if ((static_cast<unsigned char>(text[i]) & 0xC0U) == 0x80) continue;
        if (seen++ == characters) return text.substr(0, i);
    }
    return text;
}

}  // namespace atlas::index
