// SPDX-License-Identifier: Apache-2.0
#include "ingest/parse/line_value.h"

#include <array>
#include <bit>
#include <charconv>
#include <cmath>

#include "ingest/parse/line_text.h"

namespace atlas::ingest {
namespace {

constexpr std::size_t kMaxNumberBytes = 400;

bool ends_value(char c) {
    return c == ',' || c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\0';
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

const char* skip_digits(const char* at) {
    while (is_digit(*at)) ++at;
    return at;
}

ValueEnd read_string(Batch& batch, const char* at, std::size_t max_bytes, Point& point) {
    const std::string_view body = batch.body();
    const char* const end = body.data() + body.size();
    const char* const begin = ++at;
    bool escaped = false;
    std::uint32_t line_feeds = 0;
    for (; at < end && *at != '"'; ++at) {
        if (*at == '\n') ++line_feeds;
        if (*at != '\\') continue;
        escaped = true;
        if (at + 1 < end && (at[1] == '"' || at[1] == '\\')) ++at;
    }
    if (at >= end) return {at, ValueFault::unclosed_quote};
    const std::string_view raw(begin, static_cast<std::size_t>(at - begin));
    ++at;
    if (!ends_value(*at)) return {at, ValueFault::malformed};
    if (raw.size() > max_bytes) return {at, ValueFault::too_large, line_feeds};
    point.kind = Kind::string;
    point.payload = pack(unescape(batch, raw, escaped, kStringSpecials));
    return {at, ValueFault::none, line_feeds};
}

const char* word_end(const char* at) {
    while (!ends_value(*at)) ++at;
    return at;
}

ValueEnd read_word(const char* at, Point& point) {
    const char* const end = word_end(at);
    const std::string_view word(at, static_cast<std::size_t>(end - at));
    for (const std::string_view yes : {"t", "T", "true", "True", "TRUE"}) {
        if (word != yes) continue;
        point.kind = Kind::boolean;
        point.payload = 1;
        return {end};
    }
    for (const std::string_view no : {"f", "F", "false", "False", "FALSE"}) {
        if (word != no) continue;
        point.kind = Kind::boolean;
        point.payload = 0;
        return {end};
    }
    for (const std::string_view odd : {"NaN", "nan", "NAN", "Inf", "inf", "+Inf", "-Inf", "-inf"}) {
        if (word == odd) return {end, ValueFault::not_representable};
    }
    return {at, ValueFault::malformed};
}

// The literal [digits] begins at a digit, a point or a minus.
struct Literal {
    const char* begin;
    const char* end;
    bool integer;  // digits only
    bool valid;
};

Literal scan_number(const char* at) {
    if (*at == '+') ++at;
    Literal number{at, at, false, false};
    if (*at == '-') ++at;
    const char* const whole = at;
    at = skip_digits(at);
    std::ptrdiff_t digits = at - whole;
    number.integer = *at != '.';
    if (*at == '.') {
        const char* const fraction = ++at;
        at = skip_digits(at);
        digits += at - fraction;
    }
    number.valid = digits > 0;
    if (number.valid && (*at == 'e' || *at == 'E')) {
        number.integer = false;
        at += (at[1] == '+' || at[1] == '-') ? 2 : 1;
        number.valid = is_digit(*at);
        at = skip_digits(at);
    }
    number.end = at;
    return number;
}

void store_int(const Literal& number, Point& point) {
    std::int64_t value = 0;
    const bool fits = std::from_chars(number.begin, number.end, value).ec == std::errc{};
    point.kind = fits ? Kind::int64 : Kind::big;
    point.payload = static_cast<std::uint64_t>(value);
}

void store_double(const Literal& number, Point& point) {
    double value = 0;
    const auto error = std::from_chars(number.begin, number.end, value).ec;
    // Out of range may mean too large, or so small that the nearest double is zero.
    if (error != std::errc{}) {
        value = std::strtod(std::string(number.begin, number.end).c_str(), nullptr);
    }
    point.kind = std::isfinite(value) ? Kind::float64 : Kind::big;
    point.payload = std::bit_cast<std::uint64_t>(value);
}

ValueEnd read_number(Batch& batch, const char* at, Point& point) {
    const Literal number = scan_number(at);
    if (!number.valid) return read_word(at, point);
    const auto length = static_cast<std::size_t>(number.end - number.begin);
    const bool suffix = *number.end == 'i' || *number.end == 'u';
    const char* const end = number.end + (suffix ? 1 : 0);
    if (!ends_value(*end) || length > kMaxNumberBytes) return {at, ValueFault::malformed};
    if (suffix && !number.integer) return {at, ValueFault::malformed};
    if (*number.end == 'u' && *number.begin == '-') return {at, ValueFault::malformed};
    const TextRef raw = batch.refer({number.begin, length});
    point.raw = raw.offset;
    point.raw_length = static_cast<std::uint16_t>(length);
    if (suffix) {
        store_int(number, point);
    } else {
        store_double(number, point);
    }
    return {end};
}

}  // namespace

ValueEnd read_line_value(Batch& batch, const char* at, std::size_t max_value_bytes, Point& point) {
    if (*at == '"') return read_string(batch, at, max_value_bytes, point);
    if (is_digit(*at) || *at == '-' || *at == '+' || *at == '.') {
        return read_number(batch, at, point);
    }
    return read_word(at, point);
}

}  // namespace atlas::ingest
