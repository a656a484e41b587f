// SPDX-License-Identifier: Apache-2.0
#include "bench/store_size.h"

#include <stdexcept>

namespace atlas::bench {
namespace {

// The blocks of a column's segments: the first one, and those of long texts.
constexpr std::string_view kBlocks = R"(
WITH blocks AS (
    SELECT DISTINCT kind, unnest(list_append(additional_block_ids, block_id)) AS block FROM (
        SELECT 'points' AS kind, block_id, additional_block_ids
            FROM pragma_storage_info('store.recent')
        UNION ALL SELECT 'points', block_id, additional_block_ids
            FROM pragma_storage_info('store.settled')
        UNION ALL SELECT 'hourly', block_id, additional_block_ids
            FROM pragma_storage_info('store.hourly')
        UNION ALL SELECT 'dimensions', block_id, additional_block_ids
            FROM pragma_storage_info('store.tenants')
        UNION ALL SELECT 'dimensions', block_id, additional_block_ids
            FROM pragma_storage_info('store.attributes')
        UNION ALL SELECT 'dimensions', block_id, additional_block_ids
            FROM pragma_storage_info('store.tenant_attributes')
        UNION ALL SELECT 'dimensions', block_id, additional_block_ids
            FROM pragma_storage_info('store.entities')
        UNION ALL SELECT 'dimensions', block_id, additional_block_ids
            FROM pragma_storage_info('store.entity_jsonb'))),
shares AS (
    SELECT kind, block, 1.0 / count(*) OVER (PARTITION BY block) AS share FROM blocks
    WHERE block >= 0)
SELECT CAST(coalesce(sum(share) FILTER (kind = 'points'), 0) * size AS DOUBLE),
       CAST(coalesce(sum(share) FILTER (kind = 'hourly'), 0) * size AS DOUBLE),
       CAST(coalesce(sum(share) FILTER (kind = 'dimensions'), 0) * size AS DOUBLE),
       (SELECT count(*) FROM store.recent) + (SELECT count(*) FROM store.settled),
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
    auto rows = must(connection.query(kBlocks));
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
