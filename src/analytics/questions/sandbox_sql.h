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

namespace atlas::analytics {

inline constexpr std::string_view kCurrentDatabase = "SELECT current_database()";
inline constexpr std::string_view kSerialize = "SELECT json_serialize_sql($1::VARCHAR)";
inline constexpr std::string_view kDeserialize = "SELECT json_deserialize_sql($1::JSON)";

// Makes the views over `database`, and an empty database the default.
std::string sandbox_sql(std::string_view database, TenantId tenant, bool all_tenants);

// `sql` with its columns cast; see Sandbox::formatted().
std::string formatted_sql(std::string_view sql, const std::vector<duckdb::Column>& columns,
                          bool narrow, std::int64_t limit);

// Writes a query's rows into a Parquet file.
std::string copy_to_parquet_sql(std::string_view sql, std::string_view path);

}  // namespace atlas::analytics
