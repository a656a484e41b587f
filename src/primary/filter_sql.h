// SPDX-License-Identifier: Apache-2.0
//
// Writes a bound filter as a condition over `h` (entity_jsonb) and `e` (entities); every name and
// value is a parameter, so no input becomes SQL.
//
// Numbers are compared as jsonb numbers, which are exact decimals; those of a double attribute as
// the nearest doubles; text byte by byte; times as the RFC 3339 text of fixed width under which the
// current state holds them, which sorts like them.
//
// Threading  pure functions; any thread.
#pragma once

#include <string>
#include <string_view>

#include "pg/connection.h"
#include "query/filter.h"

namespace atlas::primary {

enum class FilterForm : std::uint8_t {
    scan,   // cheapest per row: for rows that are read anyway
    index,  // equality as @>, which the GIN index over hot_attrs answers
};

// The condition; never NULL under NOT, NULL or false where it does not hold otherwise.
std::string filter_sql(const query::Filter& filter, FilterForm form, pg::Params& params);

// The current state with an attribute under `name`, though it may be under `other_name` (empty: it
// cannot).
std::string state_sql(const std::string& name, const std::string& other_name, pg::Params& params);

// A JSON number as the nearest double; NULL for other JSON.
std::string nearest_double_sql(std::string_view json);

// Whether the condition refers to `e`.
bool uses_entities(const query::Filter& filter);
// What the filter implies that the GIN index can look up; everything when that is nothing.
query::Filter indexed_part(const query::Filter& filter);
// Whether it holds for few entities, named by id.
bool names_entities(const query::Filter& filter);

}  // namespace atlas::primary
