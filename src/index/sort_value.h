// SPDX-License-Identifier: Apache-2.0
//
// What an attribute is ordered by: jsonb, doubles or text, depending on its type.
//
//     Scalar → sort_value() → SortValue → prefix, comparison, text of page tokens
//
// Threading  plain data; pure functions.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

#include "index/order_key.h"
#include "index/scalar.h"

namespace atlas::index {

// How values of a type are ordered.
enum class Sorting : std::uint8_t {
    json,     // ints, decimals and booleans: as jsonb, exactly
    doubles,  // as the nearest doubles
    text,     // text as far as its first 256 characters, and times, byte by byte
};
Sorting sorting_of(model::Type type);

// Of one value; the text is borrowed.
struct SortValue {
    Scalar scalar;      // json
    double number = 0;  // doubles; the nearest one of a number in json
    std::string_view text;
};

// nullopt: ordered like no value.
std::optional<SortValue> sort_value(Sorting sorting, bool is_text, const Scalar& scalar);
std::strong_ordering compare(Sorting sorting, const SortValue& a, const SortValue& b);
// Ascending; less than OrderKey::kLast / 2.
Prefix prefix_of(Sorting sorting, const SortValue& value);

// As PostgreSQL writes keys: a double, jsonb, text.
std::string place_text(Sorting sorting, const SortValue& value);
// A place that was written so, by any reader; nullopt: it is none. `stored` gets what it borrows.
std::optional<SortValue> read_place(Sorting sorting, const std::string& text, std::string& stored);

// timestamptz as PostgreSQL writes it in UTC, and back.
std::string timestamptz_text(std::int64_t micros);
std::optional<std::int64_t> read_timestamptz(std::string_view text);
// A double as PostgreSQL writes it.
std::string float8_text(double value);

}  // namespace atlas::index
