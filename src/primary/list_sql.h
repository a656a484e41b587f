// SPDX-License-Identifier: Apache-2.0
//
// The statements of list_entities(). Walk and search return the same columns (see ListColumn), then
// the keys of the order as text. Requests are bound.
//
// Threading  pure functions; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "primary/entity_list.h"
#include "primary/keyset_sql.h"
#include "primary/reads.h"
#include "query/facets.h"

namespace atlas::primary {

enum ListColumn : int {
    kColumnId,
    kColumnEntity,
    kColumnType,
    kColumnCreated,
    kColumnUpdated,
    kColumnLastDay,
    kColumnHot,
    kColumnHotAt,
    kColumnWalked,   // which one of the walk it is, from 1; 0 where nothing was walked
    kColumnFound,    // how many of the walk up to here match `part`
    kColumnMatches,  // false: only the mark where a walk ended
    kColumnKeys,     // the first key
};

// Whether an index yields the order: newest or oldest change first, or by external id.
bool walkable(const query::Order& order);

// Walks at most `steps` entities after `after` in the order and keeps those that match, at most
// `limit`; the last one of a walk that was cut off is there even if it does not match. Counts those
// that match `part`, a condition on the current state alone.
Read walk_sql(const query::ListRequest& request, const std::optional<query::Place>& after,
              std::int64_t steps, const query::Filter& part, std::int64_t limit);

// Finds all that match, by the indexes that the filter allows, then sorts.
Read search_sql(const query::ListRequest& request, const std::optional<query::Place>& after,
                std::int64_t limit);

// Ids and external ids of those that match, from the internal id `from` on, ascending.
Read fleet_sql(const query::ListRequest& request, EntityId from, std::int64_t limit);

// The plan of a read of the whole tenant, whose first line tells how many the planner expects.
Read size_sql(const query::ListRequest& request);

// One row: how many match.
Read count_sql(const query::ListRequest& request);

// One row, among the newest `sample` changes of the tenant: how many there are, how many match.
Read sample_sql(const query::ListRequest& request, std::int64_t sample);

// Rows of the place of an attribute (from 1), the JSON text of a value, how many entities that
// match have it, and how many have any; of place 0 the number of those that match.
Read facets_sql(const query::FacetsRequest& request);

// Rows of id and observed_at: the newest observation of each of the entities on that UTC day.
Read last_observed_sql(TenantId tenant, Day day, std::span<const std::int64_t> ids);

}  // namespace atlas::primary
