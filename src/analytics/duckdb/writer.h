// SPDX-License-Identifier: Apache-2.0
//
// Writes batches into the tables, each in one transaction with the position.
//
//     Batch → [Writer] → recent, settled, sparse, small tables, notes, open_hours, position
//
// DuckDB's COMMIT reports success for a transaction that it rolled back, so the count of batches is
// read back after each commit before a batch counts as applied.
//
// Lifetime   borrows the connection.
// Errors     after an error nothing of the batch is in the store, unless the connection is
//            `damaged`: then the database has to be opened again.
// Threading  one thread at a time.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "analytics/duckdb/connection.h"
#include "analytics/duckdb/open_hours.h"
#include "analytics/store.h"

namespace atlas::analytics::duckdb {

// Of what was stored before, the days in which points were removed: what compaction has copied of
// them meanwhile is wrong.
struct Removals {
    std::set<std::int32_t> days;
    bool all = false;
    bool touch(std::int64_t first, std::int64_t last) const {
        const auto next = days.lower_bound(static_cast<std::int32_t>(first));
        return all || (next != days.end() && *next <= last);
    }
};

class Writer {
public:
    explicit Writer(Connection& connection) : connection_(connection) {}

    // Reads position and open hours; before everything else, and after an error of commit.
    StoreExpected<void> load();

    StoreExpected<StoreState> state();
    StoreExpected<void> apply(const Batch& batch);
    // Removes every row, position and note.
    StoreExpected<void> clear();
    // Removes the points and aggregates of the days before that one: retention.
    StoreExpected<void> forget_before(Day day);

    // How many batches are in the store; rises with each.
    std::int64_t batch() const { return batch_; }

    // The open hours of the earliest day that end before that hour, and the generation up to which
    // their rows are removed by who aggregates them. What a batch changes from now on opens them
    // again. Until end_closing() there is no second call.
    std::vector<TenantHour> begin_closing(std::int32_t before_hour);
    std::int64_t closing_generation() const { return generation_ - 1; }
    void end_closing(bool done);
    // Since the last call.
    Removals take_removals() { return std::exchange(removals_, {}); }
    // Points of that day are settled now.
    void settled(std::int32_t day) { settled_until_ = std::max(settled_until_.value_or(day), day); }

private:
    StoreExpected<void> commit(const std::function<StoreExpected<void>()>& body);
    StoreExpected<void> write(const Batch& batch);
    StoreExpected<void> verify(std::int64_t batch);
    StoreExpected<void> truncate(stream::Table table);
    StoreExpected<void> clear_range(const TimeRange& range);
    StoreExpected<void> remove(const std::vector<ObservationKey>& keys);
    StoreExpected<void> write_dimensions(const std::vector<DimensionRow>& rows);
    StoreExpected<void> write_notes(const std::vector<Note>& notes);
    StoreExpected<void> write_position(const Batch& batch);
    StoreExpected<void> open(const std::vector<TenantHour>& hours);
    std::vector<TenantHour> newly_open(const Batch& batch) const;

    Connection& connection_;
    OpenHours open_;
    std::set<TenantHour> closing_;
    std::int64_t generation_ = 0;
    std::int64_t batch_ = 0;
    Removals removals_;
    std::optional<std::int32_t> settled_until_;  // the latest day that has settled points
};

// Appends the points to store.recent, in the transaction that is open.
StoreExpected<void> append_points(Connection& connection, const Points& points);

}  // namespace atlas::analytics::duckdb
