// SPDX-License-Identifier: Apache-2.0
//
// The binary form of numeric: int16 number of digits, weight, sign and display scale, then digits
// of base 10000. The value is the sum of digit[i] * 10000^(weight - i); zeros at either end are
// left out.
#include "pg/copy_binary.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace atlas::pg {
namespace {

constexpr std::int64_t kMaxWeight = 32767;
constexpr std::int64_t kMaxScale = 16383;
constexpr std::int16_t kNegative = 0x4000;

// A decimal number taken apart: the digits left and right of the point, and the exponent.
struct Parts {
    bool negative = false;
    std::string_view whole;
    std::string_view fraction;
    std::int64_t exponent = 0;

    std::int64_t size() const { return static_cast<std::int64_t>(whole.size() + fraction.size()); }
    int digit(std::int64_t index) const {
        const auto i = static_cast<std::size_t>(index);
        return (i < whole.size() ? whole[i] : fraction[i - whole.size()]) - '0';
    }
};

std::string_view take_digits(std::string_view& text) {
    std::size_t count = 0;
    while (count < text.size() && text[count] >= '0' && text[count] <= '9') ++count;
    const auto digits = text.substr(0, count);
    text.remove_prefix(count);
    return digits;
}

std::optional<Parts> parse(std::string_view text) {
    Parts parts;
    if (!text.empty() && (text.front() == '-' || text.front() == '+')) {
        parts.negative = text.front() == '-';
        text.remove_prefix(1);
    }
    parts.whole = take_digits(text);
    if (!text.empty() && text.front() == '.') {
        text.remove_prefix(1);
        parts.fraction = take_digits(text);
    }
    if (parts.size() == 0) return std::nullopt;
    if (text.empty()) return parts;
    if (text.front() != 'e' && text.front() != 'E') return std::nullopt;
    text.remove_prefix(1);
    if (text.starts_with("+") && !text.starts_with("+-")) text.remove_prefix(1);
    const char* end = text.data() + text.size();
    std::int32_t exponent = 0;
    const auto [stop, error] = std::from_chars(text.data(), end, exponent);
    if (error != std::errc{} || stop != end) return std::nullopt;
    parts.exponent = exponent;
    return parts;
}

constexpr std::int64_t floor_div4(std::int64_t n) {
    return n >= 0 ? n / 4 : -((3 - n) / 4);
}

// Powers of ten counted from the point: the digit at index i counts 10^(point - 1 - i).
struct Span {
    std::int64_t point;
    std::int64_t first;  // index of the first digit that is not zero; size() when there is none
    std::int64_t last;

    std::int64_t power(std::int64_t index) const { return point - 1 - index; }
};

Span span_of(const Parts& parts) {
    Span span{.point = static_cast<std::int64_t>(parts.whole.size()) + parts.exponent,
              .first = 0,
              .last = parts.size() - 1};
    while (span.first < parts.size() && parts.digit(span.first) == 0) ++span.first;
    while (span.last > span.first && parts.digit(span.last) == 0) --span.last;
    return span;
}

void append_head(std::string& out, std::int64_t count, std::int64_t weight, bool negative,
                 std::int64_t scale) {
    append_big_endian(out, static_cast<std::int32_t>(8 + 2 * count));
    append_big_endian(out, static_cast<std::int16_t>(count));
    append_big_endian(out, static_cast<std::int16_t>(weight));
    append_big_endian<std::int16_t>(out, negative ? kNegative : std::int16_t{0});
    append_big_endian(out, static_cast<std::int16_t>(scale));
}

}  // namespace

bool append_numeric(std::string& out, std::string_view text) {
    const auto parts = parse(text);
    if (!parts) return false;
    const auto fraction_size = static_cast<std::int64_t>(parts->fraction.size());
    const std::int64_t scale = std::max<std::int64_t>(0, fraction_size - parts->exponent);
    if (scale > kMaxScale) return false;
    const Span span = span_of(*parts);
    if (span.first == parts->size()) {
        append_head(out, 0, 0, false, scale);
        return true;
    }
    const std::int64_t weight = floor_div4(span.power(span.first));
    const std::int64_t lowest = floor_div4(span.power(span.last));
    if (weight > kMaxWeight) return false;
    append_head(out, weight - lowest + 1, weight, parts->negative, scale);
    for (std::int64_t group = weight; group >= lowest; --group) {
        int value = 0;
        for (std::int64_t power = 4 * group + 3; power >= 4 * group; --power) {
            const std::int64_t index = span.point - 1 - power;
            const bool present = index >= span.first && index <= span.last;
            value = value * 10 + (present ? parts->digit(index) : 0);
        }
        append_big_endian(out, static_cast<std::int16_t>(value));
    }
    return true;
}

}  // namespace atlas::pg
