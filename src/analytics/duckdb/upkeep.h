// SPDX-License-Identifier: Apache-2.0
//
// What is done to stored data in the background: closed hours are aggregated, closed days settled.
//
//     open_hours ─► aggregate_hours() ─► hourly      recent ─► settle_days() ─► settled or sparse
//
// Both work in a transaction of their own, beside questions and beside batches: the writer is held
// up only where a step begins and ends. What a batch changed meanwhile stays open, or makes the
// step start over at the next call.
//
// Lifetime   a step's.
// Errors     nothing of the step is in the store; the next call repeats it.
// Threading  one step at a time; `turn` is the mutex under which batches are written.
#pragma once

#include <cstdint>
#include <mutex>

#include "analytics/duckdb/connection.h"
#include "analytics/duckdb/writer.h"

namespace atlas::analytics::duckdb {

struct Upkeep {
    Connection& connection;  // its own
    Writer& writer;          // only under `turn`
    std::mutex& turn;
};

// Aggregates the open hours of the earliest day that end before that hour; those with fewer than
// `min_points` points per aggregate stay open to questions. How many hours there were.
StoreExpected<std::size_t> aggregate_hours(Upkeep upkeep, std::int32_t before_hour,
                                           std::int64_t min_points);

// Settles the earliest days before `day`: one, or several small ones together, which are sparse if
// there are at least `min_sparse_days`. How many points that were; 0: there are fewer than
// `min_points` yet, or some of them were removed meanwhile.
StoreExpected<std::int64_t> settle_days(Upkeep upkeep, std::int32_t day, std::int64_t min_points,
                                        std::int64_t min_sparse_days);

}  // namespace atlas::analytics::duckdb
