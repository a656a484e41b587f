// SPDX-License-Identifier: Apache-2.0
#include "ingest/parse/number.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <limits>
#include <string>

namespace atlas::ingest {
namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

const char* skip_digits(const char* at, const char* end) {
    while (at != end && is_digit(*at)) ++at;
    return at;
}

// The end of the fraction and exponent that begin at `at`, or nullptr when they are malformed.
const char* skip_fraction(const char* at, const char* end) {
    if (at != end && *at == '.') {
        const char* digits = at + 1;
        at = skip_digits(digits, end);
        if (at == digits) return nullptr;
    }
    if (at != end && (*at == 'e' || *at == 'E')) {
        ++at;
        if (at != end && (*at == '+' || *at == '-')) ++at;
        const char* digits = at;
        at = skip_digits(digits, end);
        if (at == digits) return nullptr;
    }
    return at;
}

Number read_integer(const char* digits, const char* end, bool negative) {
    std::uint64_t magnitude = 0;
    const auto [stop, error] = std::from_chars(digits, end, magnitude);
    constexpr auto kMax = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    if (error != std::errc{} || magnitude > kMax + (negative ? 1 : 0)) return {true, Kind::big, 0};
    return {true, Kind::int64, negative ? ~magnitude + 1 : magnitude};
}

}  // namespace

std::optional<double> read_double(std::string_view literal) {
    double number = 0;
    const auto read = std::from_chars(literal.data(), literal.data() + literal.size(), number);
    if (read.ec != std::errc{} || !std::isfinite(number)) return std::nullopt;
    if (number == 0) {
        const std::string_view digits = literal.substr(0, literal.find_first_of("eE"));
        if (digits.find_first_of("123456789") != std::string_view::npos) return std::nullopt;
    }
    return number;
}

std::optional<double> read_double_of_integer(std::string_view literal) {
    const auto number = read_double(literal);
    if (!number) return std::nullopt;
    if (literal.starts_with('-')) literal.remove_prefix(1);
    literal.remove_prefix(std::min(literal.find_first_not_of('0'), literal.size()));
    std::array<char, std::numeric_limits<double>::max_exponent10 + 2> digits{};
    const auto written = std::to_chars(digits.data(), digits.data() + digits.size(),
                                       std::abs(*number), std::chars_format::fixed, 0);
    const std::string_view exact(digits.data(), written.ptr);
    if (literal != (exact == "0" ? "" : exact)) return std::nullopt;
    return number;
}

std::optional<std::int64_t> read_exact_int(std::string_view literal) {
    constexpr int kMostDigits = 19;
    const auto mark = literal.find_first_of("eE");
    int power = 0;
    if (mark != std::string_view::npos) {
        std::string_view exponent = literal.substr(mark + 1);
        if (exponent.starts_with('+')) exponent.remove_prefix(1);
        const auto read =
            std::from_chars(exponent.data(), exponent.data() + exponent.size(), power);
        if (read.ec != std::errc{}) power = exponent.starts_with('-') ? -1'000'000 : 1'000'000;
    }
    std::string digits(literal.substr(0, mark));
    const bool negative = digits.starts_with('-');
    if (negative) digits.erase(0, 1);
    if (const auto point = digits.find('.'); point != std::string::npos) {
        power -= static_cast<int>(digits.size() - point - 1);
        digits.erase(point, 1);
    }
    digits.erase(0, digits.find_first_not_of('0'));
    if (digits.empty()) return 0;
    const auto zeros = digits.size() - digits.find_last_not_of('0') - 1;
    digits.resize(digits.size() - zeros);
    power += static_cast<int>(zeros);
    if (power < 0 || power > kMostDigits || digits.size() > kMostDigits) return std::nullopt;
    digits.append(static_cast<std::size_t>(power), '0');
    const Number number = read_integer(digits.data(), digits.data() + digits.size(), negative);
    if (number.kind != Kind::int64) return std::nullopt;
    return static_cast<std::int64_t>(number.payload);
}

Number read_number(std::string_view literal) {
    const char* at = literal.data();
    const char* end = at + literal.size();
    const bool negative = at != end && *at == '-';
    const char* digits = at + (negative ? 1 : 0);
    const char* after = skip_digits(digits, end);
    if (after == digits || (*digits == '0' && after - digits > 1)) return {};
    if (after == end) return read_integer(digits, end, negative);
    if (skip_fraction(after, end) != end) return {};

    const auto number = read_double(literal);
    if (!number) return {true, Kind::big, 0};
    return {true, Kind::float64, std::bit_cast<std::uint64_t>(*number)};
}

}  // namespace atlas::ingest
