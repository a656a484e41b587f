// SPDX-License-Identifier: Apache-2.0
//
// Reads series of attributes of one entity or a fleet, raw or in buckets, straight from packed
// rows.
//
//     request → [read_series: SQL, packed rows] → SeriesFold → SeriesOutput → page, token
//
// Rows come ordered by entity and time, so what is held at any moment is the page's text, one
// bucket and one row, however long the series is. A page holds a slice of time of all attributes;
// it may end inside a series, and the next one begins with the very point that did not fit.
//
// Threading  pure functions over the caller's connection, which they block on.
#pragma once

#include <cstdint>

#include "pg/connection.h"
#include "query/answers.h"
#include "query/series_request.h"
#include "storage/packed_reader.h"

namespace atlas::primary {

// What one request may read: enough for a fleet's day, not for holding a session for minutes.
inline constexpr std::int64_t kMaxSeriesRows = 5'000'000;
inline constexpr std::int64_t kMaxHeldValues = 4'000'000;  // for percentiles over a fleet
inline constexpr std::int64_t kMaxMergedEntities = 10'000;

// The request is bound. Fails with entity_not_found, invalid_page_token, too_much_data (a limit
// above, or a statement's timeout), unavailable, busy or internal.
query::Answer<query::SeriesPage> read_series(pg::Connection& connection,
                                             storage::ShapeRegistry& shapes,
                                             const query::SeriesRequest& request);

}  // namespace atlas::primary
