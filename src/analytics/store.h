// SPDX-License-Identifier: Apache-2.0
//
// The contract of an analytics store: DuckDB today, others beside it later.
//
//     Loader, InitialCopy → Batch → [AnalyticsStore::apply] → tables → [query] → Result → formats
//
// A batch is applied whole or not at all, with the position until which it holds the log, so a
// crash repeats nothing. Points are keyed by (tenant, entity, attribute, observed_at). In a batch
// the order is: truncated, cleared, removed, then what it adds; it adds a key at most once, and
// only one that the store no longer holds then.
//
// Attributes are named by their storage ids, values are stored as history holds them (by group of
// their type at that time): the relations that users see convert and name them.
//
// Lifetime   longer than its loader and its readers.
// Threading  any thread. Writers take turns inside; readers do not wait for them.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "model/attribute.h"
#include "stream/change.h"

namespace atlas::analytics {

struct StoreError {
    enum class Kind : std::uint8_t {
        unavailable,  // not open, being rebuilt, disk full: try again later
        damaged,      // the file is damaged or of another version: rebuild
        limit_time,
        limit_memory,
        cancelled,
        invalid,   // the statement; the message is the store's
        internal,  // a mistake of ours
    };
    Kind kind = Kind::internal;
    std::string message;
    std::optional<std::size_t> position = {};  // of an invalid statement: bytes from its start
};

template <class T>
using StoreExpected = Result<T, StoreError>;

// The points of observations, as columns: one entry of each vector per point. Exactly one value is
// set, or none: from that instant on the attribute has no value.
struct Points {
    std::vector<std::int64_t> tenant;
    std::vector<std::int64_t> entity;
    std::vector<std::int32_t> attribute;    // storage id
    std::vector<std::int64_t> observed_at;  // Unix microseconds
    std::vector<std::int64_t> received_at;  // Unix microseconds
    std::vector<std::uint8_t> group;        // model::Group, or kNoValue
    std::vector<std::int64_t> int_value;    // of group ints
    std::vector<double> double_value;       // of group doubles
    std::vector<std::uint32_t> text;        // of decimals (digits) and texts: where it ends in…
    std::string text_bytes;                 // …all texts in a row; others repeat the last end

    static constexpr std::uint8_t kNoValue = 255;
    std::size_t size() const { return tenant.size(); }
    void clear();
};

// Microseconds from an instant until it was received, as a store has them: 0 where one of the two
// is infinite, which only SQL can write.
inline std::int64_t delay_of(std::int64_t observed_at, std::int64_t received_at) {
    const auto infinite = [](std::int64_t at) { return at == INT64_MAX || at <= -INT64_MAX; };
    std::int64_t delay = 0;
    const bool beyond = __builtin_sub_overflow(received_at, observed_at, &delay);
    return beyond || infinite(observed_at) || infinite(received_at) ? 0 : delay;
}

struct ObservationKey {
    std::int64_t tenant = 0;
    std::int64_t entity = 0;
    std::int64_t observed_at = 0;
    auto operator<=>(const ObservationKey&) const = default;
};

// Everything but the observations, and the shapes, which are resolved.
inline constexpr stream::Table kSmallTables[] = {
    stream::Table::tenants, stream::Table::attributes, stream::Table::tenant_attributes,
    stream::Table::entities, stream::Table::entity_jsonb};

// A row of one of the small tables. Its cells are those of dimension_columns(), as text: numbers by
// their digits, booleans as true and false, instants as Unix microseconds, arrays of integers as
// [1,2], jsonb as its JSON. A removed row has only the cells of its key.
struct DimensionRow {
    stream::Table table = stream::Table::other;
    bool removed = false;
    std::vector<std::optional<std::string>> cells;
};

struct DimensionColumn {
    enum class Kind : std::uint8_t { int64, boolean, time, text, int_array, json };
    std::string_view name;  // PostgreSQL's; a database that lacks it gives NULL
    Kind kind = Kind::text;
    bool key = false;
};
// The columns of a small table that a store has, in its order; empty for other tables.
std::span<const DimensionColumn> dimension_columns(stream::Table table);

// observed_at, Unix microseconds: from <= it < until.
struct TimeRange {
    std::int64_t from = 0;
    std::int64_t until = 0;
};

// Keys of a small table, by its key's columns in their order; unused ones are 0.
// after < key <= until; nullopt: no bound.
struct KeyRange {
    using Key = std::array<std::int64_t, 2>;
    std::optional<Key> after = {};
    std::optional<Key> until = {};
};

// A small text that the store keeps beside the data, for its writer: how far a copy is.
struct Note {
    std::string name;
    std::optional<std::string> text;  // nullopt deletes it
    bool operator==(const Note&) const = default;
};

struct Batch {
    std::vector<stream::Table> truncated = {};  // observations: all points
    std::vector<TimeRange> cleared = {};        // all points of these times
    std::vector<ObservationKey> removed;        // every point of these observations
    Points points;
    std::vector<DimensionRow> dimensions;  // by key, the last one of each key; upserts
    std::vector<Note> notes = {};          // each name once
    // Everything committed before it is in the store after this batch. nullopt leaves the store's
    // position as it is: rows of a copy.
    std::optional<stream::Position> until = {};
    Time committed_at{};  // of the last transaction before `until`
};

// What the store holds, as of its last batch.
struct StoreState {
    std::optional<stream::Position> until = {};  // nullopt: it is new
    Time committed_at{};
    std::vector<Note> notes;  // by name
};

class AnalyticsStore {
public:
    AnalyticsStore() = default;
    AnalyticsStore(const AnalyticsStore&) = delete;
    AnalyticsStore& operator=(const AnalyticsStore&) = delete;
    virtual ~AnalyticsStore() = default;

    virtual StoreExpected<StoreState> state() = 0;
    // Durable when it returns. After an error nothing of the batch is in the store; after
    // `unavailable` it may be, and state() tells, or the same batch is applied again.
    virtual StoreExpected<void> apply(const Batch& batch) = 0;
    // Empties it: no rows, no position, no notes.
    virtual StoreExpected<void> clear() = 0;

    // For comparisons. Each call reads what one batch left, beside batches that come meanwhile.
    // Hands out the points of a range, in no order and a few thousand at a time, until `use`
    // returns false. Decimals come in the group of texts.
    virtual StoreExpected<void> read_points(const TimeRange& range,
                                            const std::function<bool(const Points&)>& use) = 0;
    virtual StoreExpected<void> read_rows(stream::Table table, const KeyRange& range,
                                          const std::function<void(const DimensionRow&)>& use) = 0;
};

}  // namespace atlas::analytics
