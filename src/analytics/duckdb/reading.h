// SPDX-License-Identifier: Apache-2.0
//
// The tables of the store as a batch has them, for comparisons with the database.
//
//     store.stored → [read_points] → Points       small tables → [read_rows]
//
// Errors     as connection.h.
// Threading  that of the connection.
#pragma once

#include <functional>

#include "analytics/duckdb/connection.h"
#include "analytics/store.h"

namespace atlas::analytics::duckdb {

// As AnalyticsStore.
StoreExpected<void> read_points(Connection& connection, const TimeRange& range,
                                const std::function<bool(const Points&)>& use);
StoreExpected<void> read_rows(Connection& connection, stream::Table table, const KeyRange& range,
                              const std::function<void(const DimensionRow&)>& use);

}  // namespace atlas::analytics::duckdb
