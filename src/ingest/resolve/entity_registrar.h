// SPDX-License-Identifier: Apache-2.0
//
// Registers entities that a lookup did not find. Their ids are taken from the sequence beforehand,
// so that one COPY suffices; where it meets an entity that another session has registered since, an
// INSERT that leaves those out does it. Both hold a lock of the tenant's row, so that the tenant
// stays (sql/objects/32_entity_tenants.sql).
//
// Threading  one thread at a time; blocks on the connection for three round trips, seldom for more.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "pg/connection.h"

namespace atlas::ingest {

struct NewEntity {
    std::string_view external_id;
    std::string_view type;
};

class EntityRegistrar {
public:
    // Once for each session, before add(): rows of current state are left to the first
    // observations.
    static pg::Expected<void> prepare(pg::Connection& connection);
    // The ids of the entities, which ascend by external id; 0 for those that it did not register:
    // another session did, or the tenant is at its limit.
    pg::Expected<std::vector<EntityId>> add(pg::Connection& connection, TenantId tenant,
                                            std::span<const NewEntity> entities);
    // The same without a lookup before it: all or none. nullopt: it registered nothing, because
    // some exist already or the tenant has a limit.
    pg::Expected<std::optional<std::vector<EntityId>>> add_all(pg::Connection& connection,
                                                               TenantId tenant,
                                                               std::span<const NewEntity> entities);

private:
    // Begins a transaction that keeps the tenant, and takes ids for `count` entities. True when the
    // tenant has a limit; fails when it does not exist.
    pg::Expected<bool> begin(pg::Connection& connection, TenantId tenant, std::size_t count);
    pg::Expected<std::vector<EntityId>> copy(pg::Connection& connection, TenantId tenant,
                                             std::span<const NewEntity> entities);

    std::vector<EntityId> ids_;  // from the sequence, in the transaction that uses them
    std::string buffer_;
};

}  // namespace atlas::ingest
