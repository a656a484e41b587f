// SPDX-License-Identifier: Apache-2.0
//
// Reads a page of series from the analytics store: the same page, to the byte, that the primary
// gives for the same points, and its page tokens are valid there.
//
//     request (bound) → statement → [read_series] → SeriesFold → SeriesOutput → page, token
//
// Threading  pure functions over the caller's connection, which they block on.
#pragma once

#include "analytics/duckdb/connection.h"
#include "query/answers.h"
#include "query/series_request.h"

namespace atlas::analytics {

// Fails with entity_not_found, invalid_page_token, too_much_data, limit_exceeded,
// analytics_unavailable or internal.
query::Answer<query::SeriesPage> read_series(duckdb::Connection& connection,
                                             const query::SeriesRequest& request,
                                             const duckdb::Limits& limits);

}  // namespace atlas::analytics
