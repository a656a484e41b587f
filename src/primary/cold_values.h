// SPDX-License-Identifier: Apache-2.0
//
// Completes entities with the latest values of cold attributes, which only history holds: it is
// read backwards from the newest observation, within a window, until a row carries the attribute.
//
//     list_entities, EntityGetter → EntityState → [add_cold_values] → shown_entity
//
// Threading  pure functions over the caller's connection, which they block on.
#pragma once

#include <vector>

#include "model/tenant_catalog.h"
#include "primary/entity_state.h"
#include "primary/reads.h"
#include "query/requests.h"
#include "storage/packed_reader.h"

namespace atlas::primary {

// Fills `cold` of each entity with the latest values of `attributes` observed in [from, to). An
// attribute whose latest observation says that it has no value is left out. What was stored before
// a retype is looked for among the newest kMaxColdObservations. Extends `snapshot`. Fails with
// too_much_data, unavailable, busy or internal. One round trip, one backward scan per entity and
// attribute.
query::Answer<void> add_cold_values(pg::Connection& connection, storage::ShapeRegistry& shapes,
                                    TenantId tenant,
                                    const std::vector<model::Attribute>& attributes, Time from,
                                    Time to, std::vector<EntityState>& entities,
                                    query::Snapshot& snapshot);

// The same for every attribute that is not hot, among the newest kMaxColdObservations of each
// entity; sets truncated_at where there were more.
query::Answer<void> add_all_cold_values(pg::Connection& connection, storage::ShapeRegistry& shapes,
                                        const model::TenantCatalog& catalog, Time from, Time to,
                                        std::vector<EntityState>& entities,
                                        query::Snapshot& snapshot);

}  // namespace atlas::primary
