// SPDX-License-Identifier: Apache-2.0
//
// Lists entities by filter: one page, in an order, with a token for the next.
//
//     filter, order, token → [list_entities: walk, search] → StatePage → PrimaryReader
//
// How a page is found. An index gives the tenant's entities newest change first (or by their
// external id), so the first thing tried is to walk it and keep what matches: common filters fill a
// page within a few thousand rows whatever the tenant's size. The first stretch is a sample, too:
// it tells how far the walk would have to go, and how many the GIN index over the hot attributes
// would find. Where that, or one pass over the tenant, is less, the rest is searched; the same list
// requested again soon is searched at once (docs/adr/0005-how-a-filter-is-answered.md).
//
// Threading  pure functions over the caller's connection, which they block on.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "primary/entity_state.h"
#include "primary/reads.h"
#include "primary/search_memory.h"
#include "query/requests.h"

namespace atlas::primary {

// One page as the rows have it: without last_observed_at and cold values.
struct StatePage {
    std::vector<EntityState> entities;
    std::string next_page_token;  // empty on the last page
    std::optional<std::int64_t> total_size;
    query::Snapshot snapshot;
};

// The request is bound; `memory` learns which lists to search. Fails with invalid_page_token,
// too_much_data (a statement reached its timeout), unavailable, busy or internal. Cost: one to
// three round trips as a rule, and one or two more for a total.
query::Answer<StatePage> list_entities(pg::Connection& connection, SearchMemory& memory,
                                       const query::ListRequest& request);

// Sets last_observed_at: the newest observation of each entity's last day, one look-up each, all in
// one round trip. Extends `snapshot`. Fails with too_much_data, unavailable, busy or internal.
query::Answer<void> add_last_observed(pg::Connection& connection, TenantId tenant,
                                      std::vector<EntityState>& entities,
                                      query::Snapshot& snapshot);

}  // namespace atlas::primary
