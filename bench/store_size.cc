// SPDX-License-Identifier: Apache-2.0
#include "bench/store_size.h"

#include <fmt/format.h>

#include <stdexcept>
#include <string>

namespace atlas::bench {
namespace {

// Every table of the store but those of bookkeeping holds points, rollups or one of the small
// tables.
constexpr std::string_view kTables = R"(
SELECT table_name, CASE WHEN table_name = 'hourly' THEN 'hourly'
    WHEN table_name IN ('tenants', 'attributes', 'tenant_attributes', 'entities', 'entity_jsonb',
                        'open_hours', 'position', 'notes') THEN 'dimensions'
    ELSE 'points' END
FROM duckdb_tables() WHERE schema_name = 'store' AND database_name = current_database()
)";

// The blocks of the segments, the first ones and those of long texts, and how many points there
// are.
constexpr std::string_view kBlocks = R"(
WITH blocks AS (
    SELECT DISTINCT kind, unnest(list_append(additional_block_ids, block_id)) AS block
    FROM ({})),
shares AS (
    SELECT kind, block, 1.0 / count(*) OVER (PARTITION BY block) AS share FROM blocks
    WHERE block >= 0)
SELECT CAST(coalesce(sum(share) FILTER (kind = 'points'), 0) * size AS DOUBLE),
       CAST(coalesce(sum(share) FILTER (kind = 'hourly'), 0) * size AS DOUBLE),
       CAST(coalesce(sum(share) FILTER (kind = 'dimensions'), 0) * size AS DOUBLE),
       (SELECT count(*) FROM store.points),
       CAST(used * size AS DOUBLE)
FROM shares, (SELECT block_size AS size, used_blocks AS used FROM pragma_database_size()
              WHERE database_name = current_database())
GROUP BY size, used
)";

template <class T>
T must(analytics::StoreExpected<T> value) {
    if (!value) throw std::runtime_error(value.error().message);
    return std::move(*value);
}

}  // namespace

StoreSize measure_store(analytics::duckdb::DuckStore& store) {
    StoreSize size;
    size.file_bytes = static_cast<double>(store.storage_bytes());
    auto connection = must(store.connect());
    auto tables = must(connection.query(kTables));
    std::string segments;
    while (const auto chunk = must(tables.next())) {
        for (std::size_t row = 0; row < chunk->rows(); ++row) {
            segments += fmt::format(
                "{}SELECT '{}' AS kind, block_id, additional_block_ids FROM "
                "pragma_storage_info('store.{}')",
                segments.empty() ? "" : " UNION ALL ", chunk->column(1).text(row),
                chunk->column(0).text(row));
        }
    }
    auto rows = must(connection.query(fmt::format(kBlocks, segments)));
    const auto chunk = must(rows.next());
    if (!chunk) throw std::runtime_error("the store has no blocks");
    size.points_bytes = chunk->column(0).real(0);
    size.hourly_bytes = chunk->column(1).real(0);
    size.dimension_bytes = chunk->column(2).real(0);
    size.points = chunk->column(3).integer(0);
    size.used_bytes = chunk->column(4).real(0);
    return size;
}

}  // namespace atlas::bench
