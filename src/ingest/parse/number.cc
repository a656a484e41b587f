// SPDX-License-Identifier: Apache-2.0
#include "ingest/parse/number.h"

#include <bit>
#include <charconv>
#include <cmath>
#include <limits>

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
