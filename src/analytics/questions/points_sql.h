// SPDX-License-Identifier: Apache-2.0
//
// The statements of a structured question: one for each kind of values that it measures.
//
//     AnalyticsRequest → units_of() → [Unit] → unit_sql() → rows: groups, then the unit's columns
//
// A unit is answered from one of three sources:
//     rollup   aggregates of whole hours, and points before and after the first and last of them
//     points   aggregated by the store
//     values   one row per point, measured in C++: what the store cannot compute exactly
//
// Threading  pure functions; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "analytics/questions/sql_builder.h"
#include "query/analytics_request.h"

namespace atlas::analytics {

enum class Source : std::uint8_t { rollup, points, values };

std::string_view to_string(Source source);

struct Unit {
    // Of one type; empty: every attribute, for counting.
    std::vector<model::Attribute> attributes;
    std::optional<model::Type> type;    // of the attributes
    std::vector<std::size_t> measures;  // indices into the request's
    Source source = Source::points;
};

// The units that answer the request, each with its cheapest exact source.
std::vector<Unit> units_of(const query::AnalyticsRequest& request,
                           const model::TenantCatalog& catalog);

// What a unit's statement returns after the groups, one column per part.
enum class Part : std::uint8_t {
    count,
    distinct,
    entities,
    int_sum,     // HUGEINT
    double_sum,  // DOUBLE
    min,
    max,
    first,
    last,
    percentile,
    approx,
    odd,  // how many values lie in the column of another type
    // Of Source::values, one row per point.
    time,  // Unix microseconds
    int_value,
    double_value,
    text_value,
};
struct PartColumn {
    Part part = Part::count;
    int percent = 0;
    bool operator==(const PartColumn&) const = default;
};
std::vector<PartColumn> parts_of(const query::AnalyticsRequest& request, const Unit& unit);

struct UnitSql {
    std::string text;
    std::vector<duckdb::Parameter> params;
};
// The columns: one per group of the request, then parts_of(). Groups come as they are stored:
// instants as Unix microseconds, bools as 0 and 1, the name of an attribute as its id.
UnitSql unit_sql(const query::AnalyticsRequest& request, const Unit& unit);

}  // namespace atlas::analytics
