// SPDX-License-Identifier: Apache-2.0
#include "index/sort_value.h"

#include <array>
#include <charconv>
#include <cmath>

#include "model/convert.h"

namespace atlas::index {
namespace {

// As primary/keyset_sql.cc: what of a text counts in an order.
constexpr std::size_t kSortedCharacters = 256;

std::uint64_t ordered(double value) {
    const auto bits = std::bit_cast<std::uint64_t>(value + 0.0);
    constexpr std::uint64_t kSign = std::uint64_t{1} << 63U;
    return (bits & kSign) != 0 ? ~bits : bits | kSign;
}

std::uint64_t first_bytes(std::string_view text) {
    std::uint64_t bytes = 0;
    for (std::size_t i = 0; i < sizeof(bytes); ++i) {
        const unsigned char byte = i < text.size() ? static_cast<unsigned char>(text[i]) : 0;
        bytes = bytes << 8U | byte;
    }
    return bytes;
}

bool is_number(const Scalar& scalar) {
    return scalar.kind == Scalar::Kind::number;
}

}  // namespace

Sorting sorting_of(model::Type type) {
    switch (type) {
        case model::Type::float64: return Sorting::doubles;
        case model::Type::string:
        case model::Type::timestamp: return Sorting::text;
        case model::Type::int64:
        case model::Type::decimal:
        case model::Type::boolean:
        case model::Type::json: break;
    }
    return Sorting::json;
}

std::optional<SortValue> sort_value(Sorting sorting, bool is_text, const Scalar& scalar) {
    SortValue value{.scalar = scalar, .text = {}};
    switch (sorting) {
        case Sorting::doubles:
            if (!is_number(scalar)) return std::nullopt;
            value.number = nearest_double(scalar.json);
            break;
        case Sorting::text:
            if (scalar.kind == Scalar::Kind::null) return std::nullopt;
            value.text = is_text ? left(scalar.text, kSortedCharacters) : scalar.text;
            break;
        case Sorting::json:
            if (is_number(scalar)) value.number = nearest_double(scalar.json);
            break;
    }
    return value;
}

std::strong_ordering compare(Sorting sorting, const SortValue& a, const SortValue& b) {
    switch (sorting) {
        case Sorting::doubles: return ordered(a.number) <=> ordered(b.number);
        case Sorting::text: return a.text <=> b.text;
        case Sorting::json: break;
    }
    return compare_json(a.scalar, b.scalar);
}

Prefix prefix_of(Sorting sorting, const SortValue& value) {
    if (sorting == Sorting::doubles) return ordered(value.number) >> 2U;
    if (sorting == Sorting::text) return first_bytes(value.text) >> 2U;
    // Values of different kinds are far apart.
    const auto kind = static_cast<Prefix>(value.scalar.kind);
    const Prefix within =
        is_number(value.scalar) ? ordered(value.number) : first_bytes(value.scalar.text);
    return kind << 58U | within >> 6U;
}

std::string place_text(Sorting sorting, const SortValue& value) {
    switch (sorting) {
        case Sorting::doubles: return float8_text(value.number);
        case Sorting::text: return std::string(value.text);
        case Sorting::json: break;
    }
    return std::string(value.scalar.json);
}

std::optional<SortValue> read_place(Sorting sorting, const std::string& text, std::string& stored) {
    stored = text;
    if (sorting == Sorting::text) {
        return SortValue{.scalar = {.kind = Scalar::Kind::string, .json = {}, .text = stored},
                         .text = stored};
    }
    const Scalar::Kind kind = kind_of(text);
    if (kind == Scalar::Kind::number) {
        auto digits = model::plain_digits(text);
        if (!digits) return std::nullopt;
        stored = std::move(*digits);
    } else if (kind != Scalar::Kind::boolean || sorting == Sorting::doubles) {
        return std::nullopt;
    }
    return sort_value(sorting, false, plain_scalar(stored));
}

std::string timestamptz_text(std::int64_t micros) {
    std::string text = format_rfc3339(time_from_micros(micros));  // 2026-11-21T10:00:00.123450Z
    text.pop_back();
    text[text.find('T')] = ' ';
    text.erase(text.find_last_not_of('0') + 1);
    if (text.ends_with('.')) text.pop_back();
    return text + "+00";
}

std::optional<std::int64_t> read_timestamptz(std::string_view text) {
    const auto time =
        parse_rfc3339(text.ends_with("+00") ? std::string(text) + ":00" : std::string(text));
    return time ? std::optional(to_micros(*time)) : std::nullopt;
}

// As float8out: exponents only for what %.15g would write with one.
std::string float8_text(double value) {
    std::array<char, 40> buffer{};
    char* const end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                    std::chars_format::scientific)
                          .ptr;
    const std::string_view text(buffer.data(), end);
    const std::size_t mark = text.find('e');
    if (mark == std::string_view::npos) return std::string(text);
    int exponent = 0;
    const std::size_t digits = mark + (text[mark + 1] == '+' ? 2 : 1);
    std::from_chars(text.data() + digits, end, exponent);
    if (exponent < -4 || exponent >= 15) return std::string(text);
    return model::plain_digits(text).value_or(std::string(text));
}

}  // namespace atlas::index
