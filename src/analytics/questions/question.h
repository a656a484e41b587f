// SPDX-License-Identifier: Apache-2.0
//
// Answers a structured question from the store.
//
//     AnalyticsRequest (bound) → units → statements → ComputedRows → [Answer of rows]
//
// Numbers are exact: ints and decimals to the last digit, percentiles of them too. What the store
// would round is computed here from the values themselves, as far as kMaxHeldValues of them.
//
// Threading  pure functions over the caller's connection, which they block on.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "analytics/duckdb/connection.h"
#include "analytics/questions/computed_rows.h"
#include "analytics/questions/points_sql.h"
#include "query/analytics.h"

namespace atlas::analytics {

inline constexpr std::int64_t kMaxHeldValues = 4'000'000;
inline constexpr std::size_t kMaxGroups = 1'000'000;

struct ComputedTable {
    std::vector<query::ResultColumn> columns;
    std::vector<std::vector<Value>> rows;
    bool truncated = false;
    std::string plan;  // a JSON object, when the request wants it explained
};

// Fails with limit_exceeded (time, memory), analytics_unavailable or internal.
query::Answer<ComputedTable> answer_question(duckdb::Connection& connection,
                                             const query::AnalyticsRequest& request,
                                             const model::TenantCatalog& catalog,
                                             const duckdb::Limits& limits);

// The error of a store as that of a read. A statement that the store refuses is a mistake of ours,
// unless a user wrote it (sandbox.h).
query::Error read_error(StoreError error);

}  // namespace atlas::analytics
