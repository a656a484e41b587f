// SPDX-License-Identifier: Apache-2.0
//
// The sum of doubles as an aggregate of DuckDB: atlas_exact_sum(value) and, over sums that were
// made before, atlas_exact_sum(sum, rest). It has the same digits in every order and grouping, as
// long as the rest is a number.
//
//     {'sum': the nearest double, 'rest': what rounding took away}
//
// A rest of NaN: sum and rest together are not the whole sum, which has bits too far apart, or is
// not finite. It makes the rest of every sum over it NaN. NULL: there was no value.
//
// Threading  once per database, before its views are bound.
#pragma once

#include "analytics/duckdb/connection.h"

namespace atlas::analytics::duckdb {

StoreExpected<void> register_exact_sum(Connection& connection);

}  // namespace atlas::analytics::duckdb
