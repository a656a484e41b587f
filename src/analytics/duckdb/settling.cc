// SPDX-License-Identifier: Apache-2.0
#include <optional>

#include "analytics/duckdb/statements.h"
#include "analytics/duckdb/upkeep.h"

namespace atlas::analytics::duckdb {

namespace {

struct ClosedDay {
    std::int64_t day = 0;
    std::int64_t points = 0;
};

StoreExpected<std::optional<ClosedDay>> find_day(Connection& connection, std::int32_t before,
                                                 std::int64_t min_points) {
    std::optional<ClosedDay> found;
    auto read = for_each_row(connection, "closed_days", {std::int64_t{before}},
                             [&](const Chunk& chunk, std::size_t row) {
                                 const std::int64_t points = chunk.column(1).integer(row);
                                 if (found || points < min_points) return;
                                 found = {.day = chunk.column(0).integer(row), .points = points};
                             });
    if (!read) return failure(read.error());
    return found;
}

StoreExpected<void> begin(Upkeep& upkeep) {
    const std::scoped_lock lock(upkeep.turn);
    (void)upkeep.writer.take_removals();
    return upkeep.connection.execute("BEGIN").and_then(
        [&] { return run(upkeep.connection, "batch_count"); });
}

// The end of the step, between two batches: true if it holds.
StoreExpected<bool> finish(Upkeep& upkeep, std::int64_t day) {
    const std::scoped_lock lock(upkeep.turn);
    if (upkeep.writer.take_removals().touch(static_cast<std::int32_t>(day))) return false;
    auto done = run(upkeep.connection, "drop_settled_day", {day}).and_then([&] {
        return upkeep.connection.execute("COMMIT");
    });
    if (!done) return failure(done.error());
    upkeep.writer.settled(static_cast<std::int32_t>(day));
    return true;
}

}  // namespace

StoreExpected<std::int64_t> settle_day(Upkeep upkeep, std::int32_t day, std::int64_t min_points) {
    auto closed = find_day(upkeep.connection, day, min_points);
    if (!closed) return failure(closed.error());
    if (!*closed) return 0;
    auto holds =
        begin(upkeep)
            .and_then([&] { return run(upkeep.connection, "settle_day", {(*closed)->day}); })
            .and_then([&] { return finish(upkeep, (*closed)->day); });
    if (holds && *holds) return (*closed)->points;
    (void)upkeep.connection.execute("ROLLBACK");
    if (!holds) return failure(holds.error());
    return 0;
}

}  // namespace atlas::analytics::duckdb
