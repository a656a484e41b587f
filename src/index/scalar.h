// SPDX-License-Identifier: Apache-2.0
//
// A value of the current state: JSON as PostgreSQL writes jsonb, and how PostgreSQL compares it.
//
//     hot_attrs → [Scalar] → dictionary, columns, filters, orders
//
// Threading  plain data; pure functions.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace atlas::index {

struct Scalar {
    // As jsonb orders values of different kinds.
    enum class Kind : std::uint8_t { null, string, number, boolean, container };
    Kind kind = Kind::null;
    std::string_view json;
    std::string_view text;  // of a string: without quotes and escapes; else the same as json
};

Scalar::Kind kind_of(std::string_view json);
// Of a JSON value that is no string with escapes.
Scalar plain_scalar(std::string_view json);

// The order of two numbers in plain digits (model::plain_digits), exactly.
std::strong_ordering compare_digits(std::string_view a, std::string_view b);
// As jsonb compares them, but for containers, which go by their text.
std::strong_ordering compare_json(const Scalar& a, const Scalar& b);
// Of plain digits; infinite beyond the range of a double.
double nearest_double(std::string_view digits);

// The value in eight bytes, if its JSON can be written again from them; a column of such values
// needs no dictionary. INT64_MIN and NaN are not among them: they say that there is no value.
std::optional<std::int64_t> exact_int(std::string_view json);
std::optional<double> exact_double(std::string_view json);
std::optional<std::int64_t> exact_time(std::string_view json);  // Unix microseconds
void append_int(std::string& out, std::int64_t value);
void append_double(std::string& out, double value);
void append_time(std::string& out, std::int64_t micros);

// The first `characters` of UTF-8 text.
std::string_view left(std::string_view text, std::size_t characters);

}  // namespace atlas::index
