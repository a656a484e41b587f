// SPDX-License-Identifier: Apache-2.0
//
// The statements that bring rows of the small tables from staging (temp table dimension_rows, cells
// as text) into the store, composed from their columns.
//
// Threading  pure functions.
#pragma once

#include <string>

#include "analytics/store.h"
#include "stream/change.h"

namespace atlas::analytics::duckdb {

// Deletes the rows whose keys are staged.
std::string delete_staged_sql(stream::Table table);
// Inserts what is staged and not removed.
std::string insert_staged_sql(stream::Table table);
std::string truncate_sql(stream::Table table);

// The rows of a range of keys, each cell as the text that a DimensionRow has.
std::string select_rows_sql(stream::Table table, const KeyRange& range);

}  // namespace atlas::analytics::duckdb
