// SPDX-License-Identifier: Apache-2.0
//
// Buckets of a series from hourly aggregates: the same points, to the byte, that the values
// themselves give, or none where the aggregates do not tell.
//
//     request → series_hours_suffice() → series_hours_sql() → rows → [summary_of] → SeriesFold
//
// Threading  pure functions; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "analytics/duckdb/result.h"
#include "analytics/questions/points_sql.h"
#include "query/aggregate.h"
#include "query/series_range.h"

namespace atlas::analytics {

// Whether the request asks for nothing but what aggregates of whole hours can tell.
bool series_hours_suffice(const query::SeriesRequest& request, const query::TimeRange& range);

// The columns of series_hours_sql().
enum SeriesHoursColumn : std::size_t {
    kHoursEntity,  // 0 in one curve over all
    kHoursName,    // external id, where entities are told apart
    kHoursStart,   // of the bucket: Unix microseconds
    kHoursAttribute,
    kHoursCount,
    kHoursInts,
    kHoursDoubles,
    // NULL where no aggregate of the request needs it.
    kHoursIntSum,
    kHoursDoubleSum,
    kHoursSumIsWhole,
    kHoursIntMin,
    kHoursIntMax,
    kHoursDoubleMin,
    kHoursDoubleMax,
    kHoursFirstInt,
    kHoursLastInt,
    kHoursFirstDouble,
    kHoursLastDouble,
    kHoursColumns,
};

// One row per entity, bucket and attribute, in the order of the request; otherwise as series_sql().
UnitSql series_hours_sql(const query::SeriesRequest& request, const query::SeriesRange& range,
                         const std::optional<query::SeriesPlace>& resume,
                         std::optional<EntityId> only,
                         const std::vector<std::int32_t>& storage_ids);

// The summary that a row holds. nullopt: the values themselves are needed, because some are not of
// the attribute's type, or their sum cannot be told from the sums of hours.
std::optional<query::Summary> summary_of(model::Type type,
                                         const std::vector<query::Aggregate>& wanted,
                                         const std::vector<duckdb::Cells>& cells, std::size_t row);

}  // namespace atlas::analytics
