// SPDX-License-Identifier: Apache-2.0
//
// Finds the entity_id of every row, registering entities that are new. One batched look-up for all
// that the directory does not remember, one insert for those that do not exist.
//
// Threading  one per thread; blocks on the connection only when something is not remembered.
#pragma once

#include <string_view>
#include <vector>

#include "ingest/request/job.h"
#include "ingest/request/row.h"
#include "ingest/resolve/entity_directory.h"

namespace atlas::ingest {

class EntityResolver {
public:
    explicit EntityResolver(EntityDirectory& directory) : directory_(directory) {}

    // Fills Job::entities and Row::entity. Rows whose entity the tenant has no room for are refused
    // and dropped from `rows`.
    pg::Expected<void> resolve(pg::Connection& connection, Job& job, std::vector<Row>& rows);

private:
    struct Unknown {
        std::string_view external_id;
        std::string_view type;
        std::uint32_t observation;
    };

    void look_up_remembered(Job& job, std::span<const Row> rows);
    pg::Expected<void> look_up(pg::Connection& connection, TenantId tenant);
    pg::Expected<void> register_missing(pg::Connection& connection, TenantId tenant);
    std::vector<std::string_view> missing_ids() const;

    EntityDirectory& directory_;
    std::vector<Unknown> unknown_;  // sorted by external id, each once
    std::vector<EntityId> found_;   // beside unknown_
};

}  // namespace atlas::ingest
