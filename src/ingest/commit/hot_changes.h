// SPDX-License-Identifier: Apache-2.0
//
// Decides which hot values of an entity change, and collects the changes of a transaction.
//
// A hot value equals that of the latest observation that carries the attribute; of the same instant
// the later arrival wins; a null removes it. An unchanged value is not written again.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ingest/commit/history_reader.h"
#include "ingest/commit/state_cache.h"
#include "ingest/request/row.h"
#include "model/tenant_catalog.h"

namespace atlas::ingest {

class HotChanges {
public:
    void clear();

    // True when only history can tell whether the row's value of this slot is the latest: the
    // entity has reported since, and the value differs from what is known and is not older than
    // that, or nothing is known.
    static bool needs_search(EntityState& state, const Row& row, const storage::Slot& slot,
                             const model::Attribute& attribute);

    // Applies the row to the state in arrival order and notes what changes. `catalog` names the
    // attributes; it outlives the changes.
    void apply(EntityState& state, const Row& row, const model::TenantCatalog& catalog);
    // Ends the entity: notes its last day, and adds its changes to the statement.
    void finish_entity(const EntityKey& key, EntityState& state);

    // What writes all changes of current state: two statements at most, which borrow from here.
    std::vector<pg::Connection::Statement> statements();

private:
    struct Change {
        const Row* row;
        const storage::Slot* slot;
        const model::Attribute* attribute;
    };
    void add_changes(const EntityKey& key, std::int32_t day);

    std::vector<Change> pending_;  // of the entity under way
    // Columns of the update of hot values …
    std::vector<std::int64_t> tenants_, entities_;
    std::vector<std::string> changed_, removed_, hot_at_;
    std::vector<std::int32_t> days_;
    // … and of entities of which only the last day moved.
    std::vector<std::int64_t> day_tenants_, day_entities_;
    std::vector<std::int32_t> only_days_;
    pg::Params hot_params_, day_params_;  // of statements()
};

}  // namespace atlas::ingest
