// SPDX-License-Identifier: Apache-2.0
//
// Turns rows of the small tables into the cells that a store has of them.
//
//     Change, rows of the copy → [LoaderDimensions] → DimensionRow
//
// Lifetime   plain state; the relations that it saw may be gone.
// Threading  one thread at a time.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "analytics/store.h"
#include "stream/change.h"

namespace atlas::analytics {

struct DimensionKey {
    stream::Table table = stream::Table::other;
    std::array<std::int64_t, 2> parts{};  // the key's columns in their order; unused ones are 0
    bool operator==(const DimensionKey&) const = default;
};

class LoaderDimensions {
public:
    enum class Outcome : std::uint8_t { read, unchanged, damaged };

    // Finds the columns of a small table by their names. False when one of its key is missing.
    bool bind(const stream::Relation& relation);

    // Of a row, or of an old key, of the table bound last. nullopt: a part is null or damaged.
    std::optional<DimensionKey> key(std::span<const stream::Cell> row) const;
    // The cells of a row. `unchanged`: the log lacks one that the update did not touch.
    Outcome read(std::span<const stream::Cell> row, DimensionRow& into) const;
    // A row that says that the key is gone.
    static DimensionRow removed(const DimensionKey& key);

private:
    static constexpr std::size_t kNone = SIZE_MAX;
    struct Places {
        std::uint32_t oid = 0;
        std::uint32_t version = 0;
        std::size_t width = 0;            // of the relation; 0: not bound
        std::vector<std::size_t> places;  // by column of the store; kNone: the database lacks it
    };

    std::array<Places, static_cast<std::size_t>(stream::Table::other)> tables_;
    stream::Table table_ = stream::Table::other;
};

}  // namespace atlas::analytics
