// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <vector>

#include "analytics/duckdb/statements.h"
#include "analytics/duckdb/upkeep.h"

namespace atlas::analytics::duckdb {

namespace {

struct Chosen {
    std::vector<TenantHour> hours;
    std::int64_t generation = 0;
};

// Takes the hours and the snapshot in which they are aggregated, between two batches.
StoreExpected<Chosen> choose(Upkeep& upkeep, std::int32_t before_hour) {
    const std::scoped_lock lock(upkeep.turn);
    Chosen chosen{.hours = upkeep.writer.begin_closing(before_hour),
                  .generation = upkeep.writer.closing_generation()};
    if (chosen.hours.empty()) return chosen;
    auto begun = upkeep.connection.execute("BEGIN").and_then(
        [&] { return run(upkeep.connection, "batch_count"); });
    if (begun) return chosen;
    upkeep.writer.end_closing(false);
    return failure(begun.error());
}

StoreExpected<void> aggregate(Connection& connection, const Chosen& chosen,
                              std::int64_t min_points) {
    const auto [first, last] = std::ranges::minmax(chosen.hours, {}, &TenantHour::hour);
    const std::vector<Parameter> times{time_from_micros(first.hour * kHourMicros),
                                       time_from_micros((last.hour + 1) * kHourMicros)};
    return append_rows(connection, "temp", "chosen_hours", chosen.hours.size(),
                       [&](ChunkWriter& chunk, std::size_t at, std::size_t row) {
                           const TenantHour& hour = chosen.hours[row];
                           chunk.values<std::int64_t>(0)[at] = hour.tenant;
                           chunk.values<std::int32_t>(1)[at] = day_of_hour(hour.hour);
                           chunk.values<std::int32_t>(2)[at] = hour.hour;
                       })
        .and_then([&] { return run(connection, "drop_chosen_hours"); })
        .and_then([&] { return run(connection, "aggregate_chosen_hours", times); })
        .and_then([&] { return run(connection, "close_chosen_hours", {chosen.generation}); })
        .and_then([&] { return run(connection, "keep_sparse_hours", {min_points}); })
        .and_then([&] { return run(connection, "drop_sparse_hours"); })
        .and_then([&] { return run(connection, "drop_chosen_day"); })
        .and_then([&] { return run(connection, "aggregate_chosen_day"); })
        .and_then([&] { return connection.execute("COMMIT"); });
}

}  // namespace

StoreExpected<std::size_t> aggregate_hours(Upkeep upkeep, std::int32_t before_hour,
                                           std::int64_t min_points) {
    if (auto made = upkeep.connection.execute(statement("chosen_hours")); !made) {
        return failure(made.error());
    }
    StoreExpected<Chosen> chosen = choose(upkeep, before_hour);
    if (!chosen) {
        (void)upkeep.connection.execute("ROLLBACK");
        return failure(chosen.error());
    }
    if (chosen->hours.empty()) return 0;
    const StoreExpected<void> done = aggregate(upkeep.connection, *chosen, min_points);
    if (!done) (void)upkeep.connection.execute("ROLLBACK");
    const std::scoped_lock lock(upkeep.turn);
    upkeep.writer.end_closing(done.has_value());
    if (!done) return failure(done.error());
    return chosen->hours.size();
}

}  // namespace atlas::analytics::duckdb
