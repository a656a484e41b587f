// SPDX-License-Identifier: Apache-2.0
//
// Finds one entity by its external id, in one round trip where possible.
//
//     tenant, external id → [EntityGetter] → EntityState → PrimaryReader
//
// Its last observation lies in the partition of its last day, which is known only once its row has
// been read. So the day of the entity found before is tried in the same round trip, as most
// entities that are read reported today; only a miss costs a second one.
//
// Sessions should keep generic plans (read_session_settings): these statements are prepared, and
// planning them again takes several times as long as running them (measured: 1.2 ms against 0.2).
//
// Lifetime   the reader's.
// Threading  any thread, each with its own connection, on which get() blocks.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "primary/entity_state.h"
#include "primary/reads.h"
#include "query/error.h"

namespace atlas::primary {

// Settings for the sessions of reads: generic plans, except where run_reads() asks for others.
pg::SessionSettings read_session_settings();

struct FoundEntity {
    EntityState entity;
    query::Snapshot snapshot;
    bool deleted = false;
};

class EntityGetter {
public:
    explicit EntityGetter(Time now);  // whose day is the first to be tried
    // Fails with entity_not_found, too_much_data, unavailable, busy or internal. Retired entities
    // are found, with `deleted`.
    query::Answer<FoundEntity> get(pg::Connection& connection, TenantId tenant,
                                   std::string_view entity);

private:
    struct OnDay;
    std::shared_ptr<const OnDay> likely() const;

    mutable std::mutex mutex_;
    std::shared_ptr<const OnDay> likely_;  // the statement for the day of the entity found before
};

// Reads the columns of entity_get.sql, without the last.
EntityState read_entity_row(const pg::Rows& rows, int row);

}  // namespace atlas::primary
