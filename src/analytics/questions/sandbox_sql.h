// SPDX-License-Identifier: Apache-2.0
//
// The statements of a sandbox.
//
// Threading  pure functions; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "analytics/duckdb/result.h"
#include "base/ids.h"
#include "query/analytics.h"

namespace atlas::analytics {

std::string_view current_database_sql();
std::string_view serialize_sql();        // $1: a statement; the parser's JSON for it
std::string_view deserialize_sql();      // $1: that JSON; the statement without comments
std::string_view external_access_sql();  // 1: statements can open files

// Attaches the empty database of sandboxes, and closes the database to every file but its own and
// those in the folder: for good, until the database itself is opened again. Outside a transaction.
std::string seal_sql(std::string_view folder);

// Makes the views over `database`, and the empty database the default.
std::string sandbox_sql(std::string_view database, TenantId tenant, bool all_tenants);

// `sql` with its columns cast; see Sandbox::formatted(). DuckDB never returns from a statement
// whose rows come from a UNION ALL, one part of which waits until the reader has taken those of the
// one before. So all rows are sorted, by the order in which they came, before the first is read.
std::string formatted_sql(std::string_view sql, const std::vector<duckdb::Column>& columns,
                          query::ResultFormat format, std::int64_t limit);

// The columns of `sql`, and no row.
std::string no_rows_sql(std::string_view sql);

// The query of a CSV file's rows as columns of those types. A decimal column has its scale, or none
// where its numbers have more digits than the store's decimals: then it is text.
struct CsvColumn {
    query::ResultColumn column;
    std::optional<int> scale = {};  // of decimals
};
std::string read_csv_sql(std::string_view path, const std::vector<CsvColumn>& columns);

// Writes a query's rows into a Parquet file.
std::string copy_to_parquet_sql(std::string_view sql, std::string_view path);

}  // namespace atlas::analytics
