// SPDX-License-Identifier: Apache-2.0
//
// The contract of an analytics store: DuckDB today, others beside it later.
//
//     Loader → Batch → [AnalyticsStore::apply] ─┐
//     InitialCopy → Batch → [copy]              ├─ tables ─► [query] → Result → formats
//                                               ┘
//
// A batch is applied whole or not at all, with the position until which it holds the log, so a
// crash repeats nothing. Points are keyed by (tenant, entity, attribute, observed_at): what a batch
// removes goes before what it adds, and it adds a key at most once.
//
// Attributes are named by their storage ids, values are stored as history holds them (by group of
// their type at that time): the relations that users see convert and name them.
//
// Lifetime   longer than its loader and its readers.
// Threading  apply() and copy() from one thread each; query() from any, several at once.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
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

struct ObservationKey {
    std::int64_t tenant = 0;
    std::int64_t entity = 0;
    std::int64_t observed_at = 0;
    auto operator<=>(const ObservationKey&) const = default;
};

// A row of one of the small tables: tenants, attributes, tenant_attributes, entities, entity_jsonb.
struct DimensionRow {
    stream::Table table = stream::Table::other;
    bool removed = false;
    std::vector<std::optional<std::string>> cells;  // text, in the order of the store's table
};

struct Batch {
    std::vector<ObservationKey> removed;  // every point of these observations
    Points points;
    std::vector<DimensionRow> dimensions;  // by key, the last one of each key
    std::optional<std::vector<stream::Table>> truncated = {};
    stream::Position until;  // everything committed before it is in the store after this batch
    Time committed_at{};     // of the last transaction in it
};

}  // namespace atlas::analytics
