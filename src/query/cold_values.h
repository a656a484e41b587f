// SPDX-License-Identifier: Apache-2.0
//
// The latest values of cold attributes: history read backwards from the newest observation, within
// a window, until a row carries the attribute.
//
// Threading  pure functions over the caller's connection.
#pragma once

#include <vector>

#include "query/entity_state.h"
#include "query/error.h"
#include "query/packed_row.h"
#include "query/reads.h"

namespace atlas::query {

inline constexpr int kMaxColdObservations = 500;  // per entity, for "*"
inline constexpr std::size_t kMaxColdAttributes = 64;

// Fills `cold` of each entity with the latest values of `attributes` observed in [from, to). An
// attribute whose latest observation says that it has no value is left out. Extends `snapshot`.
Answer<void> add_cold_values(pg::Connection& connection, ShapeCache& shapes, TenantId tenant,
                             const std::vector<model::Attribute>& attributes, Time from, Time to,
                             std::vector<EntityState>& entities, Snapshot& snapshot);

// The same for every attribute that is not hot, among the newest kMaxColdObservations of each
// entity; sets truncated_at where there were more.
Answer<void> add_all_cold_values(pg::Connection& connection, ShapeCache& shapes,
                                 const model::TenantCatalog& catalog, Time from, Time to,
                                 std::vector<EntityState>& entities, Snapshot& snapshot);

}  // namespace atlas::query
