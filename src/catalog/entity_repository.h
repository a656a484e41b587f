// SPDX-License-Identifier: Apache-2.0
//
// Entities by command of a client: registered, retired, revived, given another type. Their values
// come by telemetry only.
//
//     PUT and DELETE /v1/entities/… → [these] → entities, entity_jsonb, shard locks
//
// Retiring and reviving follow the lock protocol of the shards (sql/objects/15_locks.sql): the
// transactions of writers that are under way end first, later ones see the raised epoch.
//
// Lifetime   functions without state; results own what they hold.
// Threading  any thread with a connection of its own. Every call blocks on it: a few round trips,
//            each at most statement_timeout, and at most lock_timeout for the entity's shard.
// Errors     pg::Error as the statement failed; then nothing was changed, but see commit() in
//            pg/transaction.h. A retry is harmless.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/ids.h"
#include "base/lsn.h"
#include "pg/error.h"

namespace atlas::pg {
class Connection;
}

namespace atlas::catalog {

struct EntityChange {
    enum class Outcome : std::uint8_t {
        created,
        changed,  // or already as requested
        retired,
        not_found,  // there is no such entity
        already_retired,
        entity_limit,  // the tenant's limit of entities is reached
    };
    Outcome outcome = Outcome::changed;
    LogPosition position;  // at or after the commit; zero for not_found and entity_limit
};

// Registers the entity, revives it if it was retired, and gives it `type` if that is set (default
// for a new one: "entity").
pg::Expected<EntityChange> put_entity(pg::Connection& connection, TenantId tenant,
                                      std::string_view external_id,
                                      std::optional<std::string_view> type);
// Closes the entity to writes and takes it out of lists; its history stays.
pg::Expected<EntityChange> retire_entity(pg::Connection& connection, TenantId tenant,
                                         std::string_view external_id);

}  // namespace atlas::catalog
