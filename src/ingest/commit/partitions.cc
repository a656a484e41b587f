// SPDX-License-Identifier: Apache-2.0
#include "ingest/commit/partitions.h"

#include <algorithm>

#include "assets/sql.h"

namespace atlas::ingest {

pg::Expected<std::vector<std::int32_t>> Partitions::ensure(pg::Connection& connection,
                                                           std::span<const std::int32_t> days) {
    static const SqlText kSql = sql::text("queries/ingest/ensure_partitions.sql");
    std::vector<std::int32_t> unknown;
    for (const std::int32_t day : days) {
        if (!known_.contains(day)) unknown.push_back(day);
    }
    std::vector<std::int32_t> refused;
    if (unknown.empty()) return refused;
    std::ranges::sort(unknown);
    const auto repeated = std::ranges::unique(unknown);
    unknown.erase(repeated.begin(), repeated.end());
    const auto rows = connection.exec(kSql, pg::Params{}.add_int4s(unknown));
    if (!rows) return failure(rows.error());
    for (int i = 0; i < rows->size(); ++i) {
        refused.push_back(static_cast<std::int32_t>(rows->int8(i, 0)));
    }
    for (const std::int32_t day : unknown) {
        if (std::ranges::find(refused, day) == refused.end()) known_.insert(day);
    }
    return refused;
}

}  // namespace atlas::ingest
