// SPDX-License-Identifier: Apache-2.0
//
// Puts rows of the database, from the log or from a statement, into the index.
//
//     Change, rows of the initial load → [RowReader] → LiveIndex
//
// Lifetime   plain state; the relations that it saw may be gone. The index outlives it.
// Threading  the writer's thread of the index.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "index/feed/state_json.h"
#include "index/live_index.h"
#include "pg/rows.h"
#include "stream/change.h"

namespace atlas::index {

// The columns of load_entities.sql.
enum LoadColumn : int {
    kLoadEntity,
    kLoadTenant,
    kLoadExternalId,
    kLoadType,
    kLoadCreatedAt,
    kLoadDeleted,
    kLoadUpdatedAt,
    kLoadLastDay,
    kLoadStateDeleted,
    kLoadHotAttrs,
    kLoadHotAt,
};

class RowReader {
public:
    explicit RowReader(LiveIndex& index) : index_(index) {}

    // What a change of tenants, entities, entity_jsonb or observations does to the index. False: a
    // column is missing or damaged. Changes of other tables, and truncations, do nothing.
    bool apply(const stream::Change& change);
    // After the last change of a transaction.
    void finish();
    // A row of load_entities.sql. False: it is damaged.
    bool load(const pg::Rows& rows, int row);

private:
    static constexpr std::size_t kNone = SIZE_MAX;
    // Where a table's columns are.
    struct Places {
        std::uint32_t oid = 0;
        std::uint32_t version = 0;
        std::vector<std::size_t> places;
    };

    bool bind(const stream::Relation& relation);
    std::optional<std::string_view> cell(std::span<const stream::Cell> row, int column) const;
    bool entity(const stream::Change& change);
    bool state(const stream::Change& change);
    bool observation(const stream::Change& change);
    bool tenant(const stream::Change& change);
    void put(StateRow& state, std::optional<std::string_view> attrs,
             std::optional<std::string_view> at);

    LiveIndex& index_;
    StateJson json_;
    std::array<Places, static_cast<std::size_t>(stream::Table::other)> tables_;
    const Places* table_ = nullptr;
    // Rows of entities that went; the log says with that of their state which tenant they were of.
    std::vector<EntityId> removed_;
};

}  // namespace atlas::index
