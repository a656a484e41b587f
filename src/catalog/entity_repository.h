// SPDX-License-Identifier: Apache-2.0
//
// The life of entities by command: registered, retired, revived, given another type. Their values
// come by telemetry only.
//
// Retiring and reviving follow the lock protocol of the shards (sql/objects/15_locks.sql): writers
// in flight are waited for, later ones find the raised epoch.
//
// Threading  any thread with a connection of its own; every call blocks on it, behind the entity's
//            shard at most for the session's lock_timeout.
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

namespace atlas::pg {
class Connection;
}

namespace atlas::catalog {

struct EntityChange {
    enum class Outcome : std::uint8_t {
        created,
        changed,  // or as it was wanted already
        retired,
        not_found,  // there is no such entity
        already_retired,
        entity_limit,  // the tenant has no room for another
    };
    Outcome outcome = Outcome::changed;
    Lsn position;  // at which the change is committed
};

// Registers the entity, revives it if it was retired, and gives it `type` if that is set (default
// for a new one: "entity").
pg::Expected<EntityChange> put_entity(pg::Connection& connection, TenantId tenant,
                                      std::string_view external_id,
                                      std::optional<std::string_view> type);
pg::Expected<EntityChange> retire_entity(pg::Connection& connection, TenantId tenant,
                                         std::string_view external_id);

// Where the primary's log ends.
pg::Expected<Lsn> log_position(pg::Connection& connection);

}  // namespace atlas::catalog
