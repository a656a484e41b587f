// SPDX-License-Identifier: Apache-2.0
//
// Finds the entity_id of every row and registers entities that are new: one batched lookup for all
// that the directory does not have, one insert for those that do not exist.
//
// Lifetime   the directory outlives it.
// Threading  one per thread; blocks on the connection only for what the directory does not have.
#pragma once

#include <string_view>
#include <vector>

#include "ingest/request/job.h"
#include "ingest/request/row.h"
#include "ingest/resolve/entity_directory.h"
#include "ingest/resolve/entity_registrar.h"

namespace atlas::ingest {

class EntityResolver {
public:
    explicit EntityResolver(EntityDirectory& directory) : directory_(directory) {}

    // Fills Row::entity and Row::fresh as of `epoch`, that of the tenant's entities in a catalog
    // that was loaded before the call. Rows whose entity would exceed the tenant's limit are
    // rejected and dropped from `rows`.
    pg::Expected<void> resolve(pg::Connection& connection, Job& job, std::int64_t epoch,
                               std::vector<Row>& rows);

private:
    struct Unknown {
        std::string_view external_id;
        std::string_view type;
        std::uint32_t observation;
        bool registered = false;  // by us
    };

    void look_up_cached(const Job& job, std::int64_t epoch, std::span<Row> rows);
    pg::Expected<void> find_or_register(pg::Connection& connection, TenantId tenant);
    pg::Expected<bool> register_all(pg::Connection& connection, TenantId tenant);
    pg::Expected<void> look_up(pg::Connection& connection, TenantId tenant);
    pg::Expected<void> register_missing(pg::Connection& connection, TenantId tenant);
    bool misses_some() const;
    std::vector<std::string_view> missing_ids() const;

    EntityDirectory& directory_;
    EntityRegistrar registrar_;
    std::vector<Unknown> unknown_;       // sorted by external id, each once
    std::vector<EntityId> found_;        // parallel to unknown_
    std::vector<std::uint64_t> hashes_;  // of the rows' external ids, up to the prefetched one
    int vain_lookups_ = 0;               // in a row; below 0 after a registration that was in vain
};

}  // namespace atlas::ingest
