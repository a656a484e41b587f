// SPDX-License-Identifier: Apache-2.0
#include "ingest/resolve/value_check.h"

#include <fmt/format.h>

#include <bit>
#include <charconv>
#include <cmath>

#include "base/time.h"
#include "ingest/parse/number.h"

namespace atlas::ingest {

using model::Type;

namespace {

constexpr std::int64_t kExactInts = std::int64_t{1} << 53;
constexpr std::size_t kMaxDecimalDigits = 1000;
constexpr int kMaxDecimalExponent = 1000;

double as_double(const Point& point) {
    return std::bit_cast<double>(point.payload);
}
std::int64_t as_int(const Point& point) {
    return static_cast<std::int64_t>(point.payload);
}

bool is_number(Kind kind) {
    return kind == Kind::int64 || kind == Kind::float64 || kind == Kind::big;
}

std::string_view literal(const Batch& batch, const Point& point) {
    return batch.text({point.raw, point.raw_length});
}

std::string shown(const Batch& batch, const Point& point) {
    constexpr std::size_t kShown = 40;
    switch (point.kind) {
        case Kind::null: return "null";
        case Kind::boolean: return point.payload != 0 ? "the bool true" : "the bool false";
        case Kind::json: return "a JSON object or array";
        case Kind::string: {
            const std::string_view text = batch.text(unpack_text(point.payload));
            return fmt::format("the string \"{}\"{}", text.substr(0, kShown),
                               text.size() > kShown ? "…" : "");
        }
        default: return fmt::format("the number {}", literal(batch, point).substr(0, kShown));
    }
}

Refusal wrong_type(const Batch& batch, const Point& point, const model::Attribute& attribute) {
    return {ItemCode::wrong_type, fmt::format("{} is of type {}; got {}", attribute.name,
                                              to_string(attribute.type), shown(batch, point))};
}

Refusal not_representable(const Batch& batch, const Point& point, const model::Attribute& attribute,
                          std::string_view advice) {
    return {ItemCode::not_representable,
            fmt::format("{} is of type {}, which cannot hold {} exactly; {}", attribute.name,
                        to_string(attribute.type), shown(batch, point), advice)};
}

// By its digits: a double may be whole though what was sent is not, or is another number.
std::optional<std::int64_t> whole_number(const Batch& batch, const Point& point) {
    return read_exact_int(literal(batch, point));
}

bool fits_double(std::int64_t number) {
    if (number >= -kExactInts && number <= kExactInts) return true;
    const auto rounded = static_cast<double>(number);
    return rounded < 9.2233720368547748e18 && static_cast<std::int64_t>(rounded) == number;
}

bool is_decimal_literal(std::string_view text) {
    if (text.size() > kMaxDecimalDigits || !read_number(text).valid) return false;
    const auto exponent = text.find_first_of("eE");
    if (exponent == std::string_view::npos) return true;
    std::string_view digits = text.substr(exponent + 1);
    if (digits.front() == '+') digits.remove_prefix(1);
    int power = 0;
    const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), power);
    return error == std::errc{} && std::abs(power) <= kMaxDecimalExponent;
}

std::optional<Refusal> check_text(const Batch& batch, const Point& point,
                                  const model::Attribute& attribute, std::size_t max_bytes) {
    const std::string_view text = batch.text(unpack_text(point.payload));
    if (text.size() > max_bytes) {
        return Refusal{ItemCode::value_too_large,
                       fmt::format("the value of {} has {} bytes; the limit is {}", attribute.name,
                                   text.size(), max_bytes)};
    }
    if (text.find('\0') != std::string_view::npos) {
        return Refusal{
            ItemCode::not_representable,
            fmt::format("the value of {} contains U+0000, which cannot be stored; send it "
                        "without",
                        attribute.name)};
    }
    return std::nullopt;
}

}  // namespace

std::optional<Type> type_on_first_sight(Kind kind) {
    switch (kind) {
        case Kind::int64: return Type::int64;
        case Kind::float64: return Type::float64;
        case Kind::boolean: return Type::boolean;
        case Kind::string: return Type::string;
        case Kind::json: return Type::json;
        case Kind::null:
        case Kind::big: break;
    }
    return std::nullopt;
}

bool widens(const model::Attribute& attribute, const Point& point) {
    return attribute.type == Type::int64 && !attribute.declared && point.kind == Kind::float64;
}

std::optional<Refusal> check_value(const Batch& batch, const Point& point,
                                   const model::Attribute& attribute, std::size_t max_bytes) {
    if (point.kind == Kind::null) return std::nullopt;
    const auto wrong = [&] { return wrong_type(batch, point, attribute); };
    const auto unfit = [&](std::string_view advice) {
        return not_representable(batch, point, attribute, advice);
    };
    switch (attribute.type) {
        case Type::int64:
            if (point.kind == Kind::int64) return std::nullopt;
            if (!is_number(point.kind)) return wrong();
            if (point.kind == Kind::float64 && whole_number(batch, point)) return std::nullopt;
            return unfit("declare the attribute as double or decimal, or send an integer");
        case Type::float64:
            if (point.kind == Kind::float64) return std::nullopt;
            if (!is_number(point.kind)) return wrong();
            if (point.kind == Kind::int64) return std::nullopt;
            if (read_double_of_integer(literal(batch, point))) return std::nullopt;
            return unfit("declare the attribute as decimal to store every digit");
        case Type::decimal: {
            if (!is_number(point.kind) && point.kind != Kind::string) return wrong();
            if (is_decimal_literal(stored_decimal(batch, point))) return std::nullopt;
            return point.kind == Kind::string ? wrong() : unfit("send at most 1000 digits");
        }
        case Type::boolean:
            if (point.kind == Kind::boolean) return std::nullopt;
            return wrong();
        case Type::timestamp:
            if (point.kind != Kind::string) return wrong();
            if (parse_rfc3339(batch.text(unpack_text(point.payload)))) return std::nullopt;
            return wrong();
        case Type::string:
            if (point.kind != Kind::string) return wrong();
            return check_text(batch, point, attribute, max_bytes);
        case Type::json:
            if (point.kind != Kind::json) return wrong();
            return check_text(batch, point, attribute, max_bytes);
    }
    return wrong();
}

bool is_wide_int(const model::Attribute& attribute, const Point& point) {
    return attribute.type == Type::float64 && point.kind == Kind::int64 &&
           !fits_double(as_int(point));
}

std::int64_t stored_int(const Batch& batch, const Point& point, Type type) {
    if (point.kind == Kind::float64) return whole_number(batch, point).value_or(0);
    if (type == Type::timestamp && point.kind == Kind::string) {
        const auto time = parse_rfc3339(batch.text(unpack_text(point.payload)));
        return time ? to_micros(*time) : 0;
    }
    return as_int(point);
}

double stored_double(const Batch& batch, const Point& point) {
    if (point.kind == Kind::int64) return static_cast<double>(as_int(point));
    if (point.kind == Kind::big) return read_double_of_integer(literal(batch, point)).value_or(0);
    return as_double(point);
}

std::string_view stored_text(const Batch& batch, const Point& point) {
    return batch.text(unpack_text(point.payload));
}

std::string_view stored_decimal(const Batch& batch, const Point& point) {
    return point.kind == Kind::string ? stored_text(batch, point) : literal(batch, point);
}

model::Value stored_value(const Batch& batch, const Point& point, model::Type type) {
    model::Value value{
        .null = point.kind == Kind::null, .group = model::group_of(type), .text = {}};
    if (value.null) return value;
    switch (value.group) {
        case model::Group::ints: value.integer = stored_int(batch, point, type); break;
        case model::Group::doubles: value.number = stored_double(batch, point); break;
        case model::Group::decimals: value.text = stored_decimal(batch, point); break;
        case model::Group::texts: value.text = stored_text(batch, point); break;
    }
    return value;
}

}  // namespace atlas::ingest
