// SPDX-License-Identifier: Apache-2.0
//
// One value of one attribute, as a reader hands it on: whatever store it came from.
//
//     observations, columns, stores → [Value] → aggregates, JSON
//
// Lifetime   borrows its text; the reader that hands it out says for how long.
// Threading  plain data; pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "model/attribute.h"

namespace atlas::model {

// Which member counts is said by `group`. The group may differ from that of the attribute's type:
// ints stored before their attribute became double or decimal stay ints.
struct Value {
    bool null = false;  // from here on the attribute has no value
    Group group = Group::ints;
    std::int64_t integer = 0;  // ints; bool as 0 or 1, timestamp as Unix microseconds
    double number = 0;         // doubles
    std::string_view text;     // texts; the digits of decimals
};

// Appends the value as JSON of `type`, with all its digits: what responses and the current state
// hold. An int is cast where the type is bool or timestamp.
void append_value_json(std::string& out, Type type, const Value& value);

// The value as the nearest double; 0 for texts.
double as_double(const Value& value);

}  // namespace atlas::model
