// SPDX-License-Identifier: Apache-2.0
//
// The conversion of superseded values as SQL functions of DuckDB: atlas_convert_int, …_double and
// …_text(stored type, present type, int_value, double_value, text_value). The result lies in one of
// the three, in none if the value does not convert. The rules are model::convert's.
//
// Threading  once per database, before its views are bound.
#pragma once

#include "analytics/duckdb/connection.h"

namespace atlas::analytics::duckdb {

StoreExpected<void> register_conversions(Connection& connection);

}  // namespace atlas::analytics::duckdb
