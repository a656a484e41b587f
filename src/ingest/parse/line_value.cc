// SPDX-License-Identifier: Apache-2.0
#include "ingest/parse/line_value.h"

#include <algorithm>
#include <bit>
#include <charconv>

#include "ingest/parse/line_text.h"
#include "ingest/parse/number.h"

namespace atlas::ingest {
namespace {

// A double has up to 767 significant digits, and as many as 1,075 after its point.
constexpr std::size_t kMaxNumberBytes = 4096;

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

// NaN and the infinities as printf and the languages write them: inf, +Infinity, -nan, NaN123,
// sNaN, NaNQ, Inf32, nan(0x8000), -nan(ind), 1.#INF, 1.#QNAN, ∞.
bool is_no_number(std::string_view word) {
    if (word.starts_with('+') || word.starts_with('-')) word.remove_prefix(1);
    if (word == "∞" || word.starts_with("1.#")) return true;
    std::string text(word.substr(0, std::min<std::size_t>(word.size(), 16)));
    std::ranges::transform(text, text.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
    const std::string_view lower(text);
    if (lower == "infinity" || lower == "nanq" || lower == "nans") return true;
    const std::size_t signal = lower.starts_with('s') || lower.starts_with('q') ? 1 : 0;
    const std::string_view rest = lower.substr(signal);
    if (!rest.starts_with("nan") && !rest.starts_with("inf")) return false;
    return rest.size() == 3 || (rest[3] == '(' && word.ends_with(')')) ||
           rest.find_first_not_of("0123456789", 3) == std::string_view::npos;
}

// A word that is no value; quotes and equals signs say that it is not a word either.
ValueEnd refuse_word(const char* at) {
    const char* const end = word_end(at);
    const std::string_view word(at, static_cast<std::size_t>(end - at));
    if (word.empty() || word.find_first_of("\"=") != std::string_view::npos) {
        return {at, ValueFault::malformed};
    }
    return {end, is_no_number(word) ? ValueFault::not_representable : ValueFault::unknown_word};
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
    return refuse_word(at);
}

// The literal [digits] begins at a digit, a point or a minus: std::from_chars() takes no plus.
struct Literal {
    const char* begin;
    const char* end;
    bool integer;  // digits only
    bool valid;
    bool json;  // in the grammar of JSON too: no leading zeros, digits on both sides of a point
};

Literal scan_number(const char* at) {
    const bool plus = *at == '+';
    if (plus) ++at;
    Literal number{at, at, false, false, true};
    if (*at == '-' && !plus) ++at;
    const char* const whole = at;
    at = skip_digits(at);
    std::ptrdiff_t digits = at - whole;
    number.json = digits == 1 || (digits > 1 && *whole != '0');
    number.integer = *at != '.';
    if (*at == '.') {
        const char* const fraction = ++at;
        at = skip_digits(at);
        digits += at - fraction;
        number.json = number.json && at != fraction;
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

// 007. as 7, -.5 as -0.5: the form in which decimals keep their digits.
std::string in_json(std::string_view literal) {
    std::string out;
    if (literal.starts_with('-')) {
        out += '-';
        literal.remove_prefix(1);
    }
    literal.remove_prefix(std::min(literal.find_first_not_of('0'), literal.size()));
    if (literal.empty() || !is_digit(literal.front())) out += '0';
    const auto point = literal.find('.');
    out += literal.substr(0, point);
    if (point == std::string_view::npos) return out;
    const std::string_view after = literal.substr(point + 1);
    if (!after.empty() && is_digit(after.front())) out += '.';
    return out.append(after);
}

void store_int(const Literal& number, Point& point) {
    std::int64_t value = 0;
    const bool fits = std::from_chars(number.begin, number.end, value).ec == std::errc{};
    point.kind = fits ? Kind::int64 : Kind::big;
    point.payload = static_cast<std::uint64_t>(value);
}

void store_double(const Literal& number, Point& point) {
    const auto value =
        read_double({number.begin, static_cast<std::size_t>(number.end - number.begin)});
    point.kind = value ? Kind::float64 : Kind::big;
    point.payload = std::bit_cast<std::uint64_t>(value.value_or(0));
}

ValueEnd read_numeral(Batch& batch, const char* at, Point& point) {
    const Literal number = scan_number(at);
    if (!number.valid) return read_word(at, point);
    const auto length = static_cast<std::size_t>(number.end - number.begin);
    const bool suffix = *number.end == 'i' || *number.end == 'u';
    const char* const end = number.end + (suffix ? 1 : 0);
    if (!ends_value(*end) || length > kMaxNumberBytes) return refuse_word(at);
    if (suffix && !number.integer) return refuse_word(at);
    if (*number.end == 'u' && *number.begin == '-') return refuse_word(at);
    const std::string_view literal(number.begin, length);
    const TextRef raw = number.json ? batch.refer(literal) : batch.keep(in_json(literal));
    point.raw = raw.offset;
    point.raw_length = static_cast<std::uint16_t>(raw.length);
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
        return read_numeral(batch, at, point);
    }
    return read_word(at, point);
}

}  // namespace atlas::ingest
