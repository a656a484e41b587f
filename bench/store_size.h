// SPDX-License-Identifier: Apache-2.0
//
// What an analytics store takes on disk, by table.
//
// Threading  any thread; reads the store.
#pragma once

#include <cstdint>

#include "analytics/duckdb/duck_store.h"

namespace atlas::bench {

struct StoreSize {
    std::int64_t points = 0;  // how many there are
    double file_bytes = 0;    // with blocks that are free for what comes next
    double used_bytes = 0;
    // Of these, by table; a block that several share counts for each in equal parts.
    double points_bytes = 0;
    double hourly_bytes = 0;  // rollups; those of days are made of them
    double dimension_bytes = 0;
};

// Throws std::runtime_error.
StoreSize measure_store(analytics::duckdb::DuckStore& store);

}  // namespace atlas::bench
