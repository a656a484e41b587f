// SPDX-License-Identifier: Apache-2.0
//
// Counts the values of hot attributes among the entities that match a filter, in one statement that
// reads the current state of each.
//
//     FacetsRequest → [count_facets] → pg::Connection → FacetsAnswer
//
// Threading  pure function over the caller's connection, which it blocks on.
#pragma once

#include "pg/connection.h"
#include "query/facets.h"

namespace atlas::primary {

// The request is bound. Fails with too_much_data (the statement reached its timeout), unavailable,
// busy or internal.
query::Answer<query::FacetsAnswer> count_facets(pg::Connection& connection,
                                                const query::FacetsRequest& request);

}  // namespace atlas::primary
