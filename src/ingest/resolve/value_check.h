// SPDX-License-Identifier: Apache-2.0
//
// Whether an attribute can hold a value, and the value as it is stored.
//
// Threading  pure functions without I/O; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "ingest/request/batch.h"
#include "model/attribute.h"
#include "model/value.h"

namespace atlas::ingest {

struct Refusal {
    ItemCode code{};
    std::string detail;
};

// The type that a first value gives an undeclared attribute; nullopt where it gives none (null, and
// numbers that nothing but a declared decimal holds).
std::optional<model::Type> type_on_first_sight(Kind kind);

// An undeclared int attribute becomes double for this value. Its ints stay as they are.
bool widens(const model::Attribute& attribute, const Point& point);

// Why `attribute` cannot hold the value; nullopt when it can.
std::optional<Refusal> check_value(const Batch& batch, const Point& point,
                                   const model::Attribute& attribute, std::size_t max_bytes);

// A double attribute stores the value as an int, with all its digits: no double holds it.
bool is_wide_int(const model::Attribute& attribute, const Point& point);

// A value that was checked, as its group stores it: as a whole, or by the kind of its group.
// Borrows from the batch.
model::Value stored_value(const Batch& batch, const Point& point, model::Type type);
std::int64_t stored_int(const Batch& batch, const Point& point, model::Type type);
double stored_double(const Batch& batch, const Point& point);
std::string_view stored_text(const Batch& batch, const Point& point);     // string, json
std::string_view stored_decimal(const Batch& batch, const Point& point);  // its literal

}  // namespace atlas::ingest
