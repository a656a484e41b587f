// SPDX-License-Identifier: Apache-2.0
//
// Values of an attribute that was retyped, read as its present type.
//
//     observations → [convert] → aggregates, JSON
//
// A value converts exactly, or it is absent: what the present type would not have taken is as if it
// had never been written. atlas_convert() in sql/objects/45_convert.sql has the same rules, which
// docs/sql.md lists; src/primary/convert_pgtest.cc compares the two.
//
// Threading  pure functions; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "model/attribute.h"
#include "model/value.h"

namespace atlas::model {

// A value that was stored while its attribute was of type `from`, as a value of `to`; nullopt when
// it does not convert. Null stays null. The result's text borrows from the value's or from
// `scratch`, which is overwritten.
std::optional<Value> convert(Type from, Type to, const Value& value, std::string& scratch);

// The digits of a number as people and programs write it ("+.5e3", "007", "12."), without exponent,
// plus sign and leading zeros, with all digits after the point: "500", "7", "12". nullopt when it
// is none, or has more than 1000 characters or an exponent of more than three digits.
std::optional<std::string> plain_digits(std::string_view text);

}  // namespace atlas::model
