// SPDX-License-Identifier: Apache-2.0
//
// A stored value as JSON of its attribute's type.
//
// Threading  pure functions; any thread.
#pragma once

#include <string>

#include "model/attribute.h"
#include "query/packed_row.h"

namespace atlas::query {

// Appends the value as `type`, with all its digits. An int stored before its attribute became
// double or decimal is cast.
void append_value_json(std::string& out, model::Type type, const PackedValue& value);

// The value as a double; for types double and, cast, int and decimal.
double as_double(const PackedValue& value);

}  // namespace atlas::query
