// SPDX-License-Identifier: Apache-2.0
#include "analytics/duckdb/statements.h"
#include "analytics/duckdb/upkeep.h"

namespace atlas::analytics::duckdb {

namespace {

// Small days are settled together, up to so many points: series that are longer pack better.
constexpr std::int64_t kEnough = 4'000'000;
// Sparse days lie no longer apart: an infinite instant has no place there.
constexpr std::int64_t kSparseTime = 3660;

struct ClosedDays {
    std::int64_t first = 0;
    std::int64_t last = 0;
    std::int64_t days = 0;
    std::int64_t points = 0;

    bool sparse(std::int64_t min_days) const {
        return days >= min_days && last - first <= kSparseTime;
    }
};

StoreExpected<ClosedDays> find_days(Connection& connection, std::int32_t before) {
    ClosedDays found;
    auto read = for_each_row(connection, "closed_days", {std::int64_t{before}},
                             [&](const Chunk& chunk, std::size_t row) {
                                 if (found.points >= kEnough) return;
                                 const std::int64_t day = chunk.column(0).integer(row);
                                 if (found.points == 0) found.first = day;
                                 found.last = day;
                                 ++found.days;
                                 found.points += chunk.column(1).integer(row);
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
StoreExpected<bool> finish(Upkeep& upkeep, const ClosedDays& days) {
    const std::scoped_lock lock(upkeep.turn);
    if (upkeep.writer.take_removals().touch(days.first, days.last)) return false;
    auto done = run(upkeep.connection, "drop_settled_days", {days.first, days.last}).and_then([&] {
        return upkeep.connection.execute("COMMIT");
    });
    if (!done) return failure(done.error());
    upkeep.writer.settled(static_cast<std::int32_t>(days.last));
    return true;
}

}  // namespace

StoreExpected<std::int64_t> settle_days(Upkeep upkeep, std::int32_t day, std::int64_t min_points,
                                        std::int64_t min_sparse_days) {
    auto closed = find_days(upkeep.connection, day);
    if (!closed) return failure(closed.error());
    if (closed->points == 0 || closed->points < min_points) return 0;
    auto holds =
        begin(upkeep)
            .and_then([&] {
                return run(upkeep.connection,
                           closed->sparse(min_sparse_days) ? "settle_sparse_days" : "settle_days",
                           {closed->first, closed->last});
            })
            .and_then([&] { return finish(upkeep, *closed); });
    if (holds && *holds) return closed->points;
    (void)upkeep.connection.execute("ROLLBACK");
    if (!holds) return failure(holds.error());
    return 0;
}

}  // namespace atlas::analytics::duckdb
