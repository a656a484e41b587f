// SPDX-License-Identifier: Apache-2.0
//
// Collects changes until they are applied, and reduces them to what a store takes: each observation
// and each row of a small table at most once, as the last change left it.
//
//     Loader → add(), replace(), remove() … → [LoaderBatch] → finish() → Batch
//
// Rows that were only inserted need no look-up: their points are appended to columns. From the
// first update or removal on, finish() makes one more pass, which drops the points of rows that did
// not last.
//
// Lifetime   reused: clear() keeps the memory. The shapes outlive it.
// Threading  one thread at a time.
#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "analytics/loader_dimensions.h"
#include "analytics/loader_points.h"
#include "analytics/store.h"
#include "stream/change.h"

namespace atlas::analytics {

class LoaderBatch {
public:
    // Bounds of a batch, and so of the memory of a loader.
    static constexpr std::size_t kMaxPoints = 250'000;                // unless told otherwise
    static constexpr std::size_t kMaxBytes = std::size_t{48} << 20U;  // of texts
    static constexpr std::size_t kMaxRows = 100'000;                  // removed, or of small tables

    explicit LoaderBatch(std::size_t max_points = kMaxPoints) : max_points_(max_points) {}

    // An observation that is new to the store. As LoaderPoints::append().
    LoaderPoints::Outcome add(LoaderPoints& rows, std::span<const stream::Cell> row);
    // One that the store may hold. After `unchanged` its place is kept: see missing().
    LoaderPoints::Outcome replace(LoaderPoints& rows, std::span<const stream::Cell> row);
    void remove(const ObservationKey& key);
    // Observations whose rows were not complete and are the last of their keys so far.
    std::vector<ObservationKey> missing() const;

    // The row of a small table, under its key; the last one counts.
    DimensionRow& dimension(const DimensionKey& key);
    void remove(const DimensionKey& key) { dimension(key) = LoaderDimensions::removed(key); }

    // Drops what came before of that table.
    void truncate(stream::Table table);

    bool full() const;
    // No row, no removal, nothing truncated.
    bool empty() const;
    std::size_t points() const { return batch_.points.size(); }
    // Position, notes: what the batch carries besides rows.
    Batch& batch() { return batch_; }

    // What to apply, valid until the next call that is not const.
    const Batch& finish();
    void clear();

private:
    // The last row of an observation that was updated or removed, by its number in row_ends_.
    struct Last {
        std::size_t row = 0;
        bool removed = false;     // and not written again
        bool incomplete = false;  // its values are still to be looked up
        bool stored = true;       // the store may hold it from before this batch
        std::size_t first = 0;    // how many rows there were before its first update or removal
    };
    struct KeyHash {
        std::size_t operator()(const ObservationKey& key) const;
        std::size_t operator()(const DimensionKey& key) const;
    };

    void touch(const ObservationKey& key, Last last);
    void drop_replaced();

    std::size_t max_points_;
    Batch batch_;
    std::vector<std::uint32_t> row_ends_;  // per observation: where its points end
    std::unordered_map<ObservationKey, Last, KeyHash> touched_;
    std::unordered_map<DimensionKey, std::size_t, KeyHash> dimensions_;  // into batch_.dimensions
};

}  // namespace atlas::analytics
