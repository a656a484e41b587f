// SPDX-License-Identifier: Apache-2.0
#include "analytics/duckdb/writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "analytics/duckdb/dimension_sql.h"
#include "analytics/duckdb/statements.h"

namespace atlas::analytics::duckdb {

StoreExpected<void> Writer::load() {
    batch_ = 0;
    auto read = for_each_row(connection_, "position", {}, [&](const Chunk& chunk, std::size_t row) {
        batch_ = chunk.column(0).integer(row);
    });
    if (!read) return read;
    open_.clear();
    read = for_each_row(connection_, "open_hours", {}, [&](const Chunk& chunk, std::size_t row) {
        const TenantHour hour{chunk.column(0).integer(row),
                              static_cast<std::int32_t>(chunk.column(1).integer(row))};
        const std::int64_t generation = chunk.column(2).integer(row);
        // One that is sparse is not in memory: what changes it has to open it again.
        if (generation < 0) return;
        if (closing_.contains(hour) && generation <= closing_generation()) return;
        open_.add(hour);
        generation_ = std::max(generation_, generation + 1);
    });
    if (!read) return read;
    settled_until_.reset();
    return for_each_row(connection_, "settled_until", {}, [&](const Chunk& chunk, std::size_t row) {
        const Cells day = chunk.column(0);
        if (!day.is_null(row)) settled_until_ = static_cast<std::int32_t>(day.integer(row));
    });
}

StoreExpected<StoreState> Writer::state() {
    StoreState state;
    auto read = for_each_row(connection_, "position", {}, [&](const Chunk& chunk, std::size_t row) {
        if (chunk.column(1).is_null(row)) return;
        state.until =
            stream::Position{.timeline = chunk.column(1).integer(row),
                             .lsn = {static_cast<std::uint64_t>(chunk.column(2).wide(row))}};
        if (!chunk.column(3).is_null(row)) {
            state.committed_at = time_from_micros(chunk.column(3).integer(row));
        }
    });
    if (!read) return failure(read.error());
    read = for_each_row(connection_, "notes", {}, [&](const Chunk& chunk, std::size_t row) {
        state.notes.push_back({.name = std::string(chunk.column(0).text(row)),
                               .text = std::string(chunk.column(1).text(row))});
    });
    if (!read) return failure(read.error());
    return state;
}

StoreExpected<void> Writer::commit(const std::function<StoreExpected<void>()>& body) {
    return in_transaction(connection_, body).and_then([&] { return verify(batch_ + 1); });
}

StoreExpected<void> Writer::verify(std::int64_t batch) {
    std::int64_t found = -1;
    auto read = for_each_row(connection_, "position", {}, [&](const Chunk& chunk, std::size_t row) {
        found = chunk.column(0).integer(row);
    });
    if (!read) return read;
    if (found != batch) {
        return failure(StoreError{
            .kind = StoreError::Kind::unavailable,
            .message = fmt::format("batch {} was rolled back; the store is at {}", batch, found)});
    }
    batch_ = batch;
    return {};
}

StoreExpected<void> Writer::apply(const Batch& batch) {
    const std::vector<TenantHour> opened = newly_open(batch);
    auto done = commit([&] { return write(batch).and_then([&] { return open(opened); }); });
    if (!done) return done;
    for (const TenantHour hour : opened) open_.add(hour);
    for (const ObservationKey& key : batch.removed) {
        removals_.days.insert(day_number(key.observed_at));
    }
    const bool points_truncated =
        std::ranges::find(batch.truncated, stream::Table::observations) != batch.truncated.end();
    if (batch.cleared.empty() && !points_truncated) return {};
    removals_.all = true;
    return load();  // which hours are open was decided by statements
}

StoreExpected<void> Writer::write(const Batch& batch) {
    for (const stream::Table table : batch.truncated) {
        if (auto done = truncate(table); !done) return done;
    }
    for (const TimeRange& range : batch.cleared) {
        if (auto done = clear_range(range); !done) return done;
    }
    return remove(batch.removed)
        .and_then([&] { return append_points(connection_, batch.points); })
        .and_then([&] { return write_dimensions(batch.dimensions); })
        .and_then([&] { return write_notes(batch.notes); })
        .and_then([&] { return write_position(batch); });
}

StoreExpected<void> Writer::truncate(stream::Table table) {
    if (table == stream::Table::observations)
        return connection_.execute(statement("truncate_points"));
    if (dimension_columns(table).empty()) return {};
    return connection_.execute(truncate_sql(table));
}

StoreExpected<void> Writer::clear_range(const TimeRange& range) {
    if (range.from >= range.until) return {};
    const std::vector<Parameter> times{time_from_micros(range.from), time_from_micros(range.until)};
    const std::int64_t first = hour_of(range.from);
    const std::int64_t last = hour_of(range.until - 1);
    return run(connection_, "open_cleared_hours", {first, last, generation_})
        .and_then([&] { return run(connection_, "clear_recent", times); })
        .and_then([&] { return run(connection_, "clear_settled", times); })
        .and_then([&] { return run(connection_, "clear_sparse", times); });
}

StoreExpected<void> Writer::remove(const std::vector<ObservationKey>& keys) {
    if (keys.empty()) return {};
    std::int32_t first_day = INT32_MAX;
    auto done = append_rows(connection_, "temp", "removed_keys", keys.size(),
                            [&](ChunkWriter& chunk, std::size_t at, std::size_t row) {
                                const ObservationKey& key = keys[row];
                                const std::int32_t day = day_number(key.observed_at);
                                first_day = std::min(first_day, day);
                                chunk.values<std::int64_t>(0)[at] = key.tenant;
                                chunk.values<std::int64_t>(1)[at] = key.entity;
                                chunk.values<std::int32_t>(2)[at] = day;
                                chunk.values<std::int64_t>(3)[at] = key.observed_at;
                            });
    if (!done) return done;
    done = run(connection_, "remove_recent", {});
    if (done && settled_until_ && first_day <= *settled_until_) {
        done = run(connection_, "remove_settled", {}).and_then([&] {
            return run(connection_, "remove_sparse", {});
        });
    }
    return done ? run(connection_, "empty_removed_keys", {}) : done;
}

StoreExpected<void> Writer::write_dimensions(const std::vector<DimensionRow>& rows) {
    for (const stream::Table table : kSmallTables) {
        std::vector<const DimensionRow*> of_table;
        for (const DimensionRow& row : rows) {
            if (row.table == table) of_table.push_back(&row);
        }
        if (of_table.empty()) continue;
        constexpr std::size_t kCells = 13;
        auto done = append_rows(connection_, "temp", "dimension_rows", of_table.size(),
                                [&](ChunkWriter& chunk, std::size_t at, std::size_t row) {
                                    const DimensionRow& from = *of_table[row];
                                    chunk.values<bool>(0)[at] = from.removed;
                                    for (std::size_t i = 0; i < kCells; ++i) {
                                        if (i < from.cells.size() && from.cells[i]) {
                                            chunk.set_text(i + 1, at, *from.cells[i]);
                                        } else {
                                            chunk.set_null(i + 1, at);
                                        }
                                    }
                                });
        done = done.and_then([&] { return connection_.execute(delete_staged_sql(table)); })
                   .and_then([&] { return connection_.execute(insert_staged_sql(table)); })
                   .and_then([&] { return run(connection_, "empty_dimension_rows", {}); });
        if (!done) return done;
    }
    return {};
}

StoreExpected<void> Writer::write_notes(const std::vector<Note>& notes) {
    for (const Note& note : notes) {
        auto done = run(connection_, "delete_note", {note.name});
        if (done && note.text) done = run(connection_, "add_note", {note.name, *note.text});
        if (!done) return done;
    }
    return {};
}

StoreExpected<void> Writer::write_position(const Batch& batch) {
    if (!batch.until) return run(connection_, "next_batch", {});
    return run(connection_, "set_position",
               {batch.until->timeline, std::to_string(batch.until->lsn.value), batch.committed_at});
}

StoreExpected<void> Writer::open(const std::vector<TenantHour>& hours) {
    if (hours.empty()) return {};
    return append_rows(connection_, "store", "open_hours", hours.size(),
                       [&](ChunkWriter& chunk, std::size_t at, std::size_t row) {
                           chunk.values<std::int64_t>(0)[at] = hours[row].tenant;
                           chunk.values<std::int32_t>(1)[at] = day_of_hour(hours[row].hour);
                           chunk.values<std::int32_t>(2)[at] = hours[row].hour;
                           chunk.values<std::int64_t>(3)[at] = generation_;
                       });
}

// The hours that the batch touches and that are not open. Points come grouped by observation, so
// most are in the hour of the one before.
std::vector<TenantHour> Writer::newly_open(const Batch& batch) const {
    std::set<TenantHour> found;
    TenantHour last{};
    std::int64_t begin = INT64_MAX;  // of the last one, Unix microseconds
    const auto touch = [&](std::int64_t tenant, std::int64_t at) {
        if (tenant == last.tenant && at >= begin && at < begin + kHourMicros) return;
        last = {tenant, hour_of(at)};
        begin = last.hour * kHourMicros;
        if (!open_.contains(last)) found.insert(last);
    };
    for (std::size_t i = 0; i < batch.points.size(); ++i) {
        touch(batch.points.tenant[i], batch.points.observed_at[i]);
    }
    for (const ObservationKey& key : batch.removed) touch(key.tenant, key.observed_at);
    return {found.begin(), found.end()};
}

std::vector<TenantHour> Writer::begin_closing(std::int32_t before_hour) {
    std::vector<TenantHour> hours = open_.earliest_day(before_hour);
    closing_ = {hours.begin(), hours.end()};
    ++generation_;
    for (const TenantHour hour : hours) open_.remove(hour);
    return hours;
}

void Writer::end_closing(bool done) {
    if (!done) {
        for (const TenantHour hour : closing_) open_.add(hour);
    }
    closing_.clear();
}

StoreExpected<void> Writer::forget_before(Day day) {
    const Parameter number = std::int64_t{day.time_since_epoch().count()};
    auto done = commit([&] {
        StoreExpected<void> removed = run(connection_, "next_batch");
        for (const std::string_view name : {"forget_recent", "forget_settled", "forget_sparse",
                                            "forget_hourly", "forget_open_hours"}) {
            removed = removed.and_then([&] { return run(connection_, name, {number}); });
        }
        return removed;
    });
    if (!done) return done;
    removals_.all = true;
    return load();
}

StoreExpected<void> Writer::clear() {
    auto done = commit([&] {
        return connection_.execute(statement("truncate_points")).and_then([&] {
            return connection_.execute(statement("clear_store"));
        });
    });
    if (!done) return done;
    removals_.all = true;
    return load();
}

}  // namespace atlas::analytics::duckdb
