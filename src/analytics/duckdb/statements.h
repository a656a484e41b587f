// SPDX-License-Identifier: Apache-2.0
//
// The store's own statements, the files of sql/analytics/duckdb, by their names there.
//
// Errors     as connection.h.
// Threading  that of the connection.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "analytics/duckdb/appender.h"
#include "analytics/duckdb/connection.h"

namespace atlas::analytics::duckdb {

// "position" → the text of analytics/duckdb/position.sql.
std::string_view statement(std::string_view name);

// Runs one with parameters to its end.
StoreExpected<void> run(Connection& connection, std::string_view name,
                        const std::vector<Parameter>& values = {});

// Calls use(chunk, row) for each row of its result.
StoreExpected<void> for_each_row(Connection& connection, std::string_view name,
                                 const std::vector<Parameter>& values,
                                 const std::function<void(const Chunk&, std::size_t)>& use);

// Runs `body` between BEGIN and COMMIT, or ROLLBACK if it fails.
StoreExpected<void> in_transaction(Connection& connection,
                                   const std::function<StoreExpected<void>()>& body);

// Appends so many rows to a table, in the transaction that is open. `fill` sets every column of row
// `at` of the chunk from row `row`.
StoreExpected<void> append_rows(
    Connection& connection, const std::string& schema, const std::string& table, std::size_t rows,
    const std::function<void(ChunkWriter& chunk, std::size_t at, std::size_t row)>& fill);

}  // namespace atlas::analytics::duckdb
