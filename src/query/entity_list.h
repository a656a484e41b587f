// SPDX-License-Identifier: Apache-2.0
//
// Lists of entities by filter: one page, in an order, with a token for the next.
//
//     filter, order, token → plan → SQL → [EntityList] → JSON
//
// How a page is found. An index gives the tenant's entities newest change first (or by their
// external id), so the first thing tried is to walk it and keep what matches: common filters fill a
// page within a few thousand rows whatever the tenant's size. The first stretch is a sample, too:
// it tells how far the walk would have to go, and how many the GIN index over the hot attributes
// would find. Where that, or one pass over the tenant, is less, the rest is searched; the same list
// asked for again soon is searched at once (docs/adr/0005-how-a-filter-is-answered.md).
//
// Threading  pure functions over the caller's connection.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "query/entity_state.h"
#include "query/filter.h"
#include "query/order.h"
#include "query/reads.h"
#include "query/search_memory.h"

namespace atlas::query {

enum class Count : std::uint8_t { none, exact, estimated };

struct ListRequest {
    TenantId tenant;
    Filter filter;            // bound
    std::string filter_text;  // as given: part of what a page token is for
    Order order;
    int page_size = 100;
    std::string page_token;
    Count count = Count::none;
};

struct EntityPage {
    std::vector<EntityState> entities;  // without last_observed_at and cold values
    std::string next_page_token;        // empty on the last page
    std::optional<std::int64_t> total_size;
    Snapshot snapshot;
};

// Fails with invalid_page_token, too_much_data (the statement took too long) or database.
Answer<EntityPage> list_entities(pg::Connection& connection, SearchMemory& memory,
                                 const ListRequest& request);

// Sets last_observed_at: the newest observation of each entity's last day, one look-up each.
// Extends `snapshot`.
Answer<void> add_last_observed(pg::Connection& connection, TenantId tenant,
                               std::vector<EntityState>& entities, Snapshot& snapshot);

}  // namespace atlas::query
