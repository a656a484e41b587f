// SPDX-License-Identifier: Apache-2.0
//
// Decides which hot values of an entity change, and collects the changes of a transaction.
//
// A hot value equals that of the latest observation that has the attribute; of the same instant the
// later arrival wins; a null removes it. An unchanged value is not written again.
//
// Lifetime   reused from transaction to transaction; changes borrow rows and catalogs until
//            clear().
// Threading  one thread at a time. No I/O.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ingest/commit/history.h"
#include "ingest/commit/state_cache.h"
#include "ingest/request/row.h"
#include "model/tenant_catalog.h"

namespace atlas::ingest {

class HotChanges {
public:
    // The columns of update_hot.sql, an element for each entity …
    struct Values {
        std::vector<std::int64_t> tenants, entities;
        std::vector<std::string> changed, removed, hot_at;
        std::vector<std::int32_t> days;
    };
    // … and of update_last_day.sql, for entities of which only the last day moved.
    struct Days {
        std::vector<std::int64_t> tenants, entities;
        std::vector<std::int32_t> days;
    };

    // Rows of current state for entities that have none.
    struct States {
        std::vector<std::int64_t> tenants, entities;
        std::vector<std::string> hot_attrs, hot_at;
        std::vector<std::int32_t> days;
    };

    void clear();

    // True when only history can tell whether the row's value of this slot is the latest: the
    // entity has reported since, and the value differs from what is known and is not older than
    // that, or nothing is known.
    static bool needs_search(const EntityState& state, const Row& row, const storage::Slot& slot);

    // Applies the row to the state in arrival order and notes what changes. `catalog` names the
    // attributes; it outlives the changes.
    void apply(EntityState& state, const Row& row, const model::TenantCatalog& catalog);
    // Ends the entity: notes its last day, and adds its changes to the statement.
    void finish_entity(const EntityKey& key, EntityState& state);

    const Values& values() const { return values_; }
    const Days& days() const { return days_; }
    const States& new_states() const { return new_states_; }

private:
    struct Change {
        const Row* row;
        const storage::Slot* slot;
        const model::Attribute* attribute;
    };
    // JSON objects by attribute name, and a text[] literal of names.
    struct Texts {
        std::string changed, removed, hot_at;
    };
    Texts pending_texts() const;

    std::vector<Change> pending_;  // of the current entity
    Values values_;
    Days days_;
    States new_states_;
};

}  // namespace atlas::ingest
