// SPDX-License-Identifier: Apache-2.0
//
// The statements of a series: points by entity and time, as SeriesFold wants them.
//
// Threading  pure functions; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "analytics/questions/points_sql.h"
#include "query/series_range.h"

namespace atlas::analytics {

// The columns of series_sql().
enum SeriesColumn : std::size_t {
    kSeriesEntity,
    kSeriesName,  // external id, where entities are told apart
    kSeriesTime,  // Unix microseconds
    kSeriesAttribute,
    kSeriesInt,
    kSeriesDouble,
    kSeriesText,
};

// The id of an entity by its external id, retired or not.
UnitSql entity_id_sql(TenantId tenant, const std::string& external_id);

// Points of the storage ids, of `only` or of the fleet that the request's filter names, in the
// order of the request. At most `limit` rows, if there is a limit.
UnitSql series_sql(const query::SeriesRequest& request, const query::SeriesRange& range,
                   const std::optional<query::SeriesPlace>& resume, std::optional<EntityId> only,
                   const std::vector<std::int32_t>& storage_ids, std::optional<std::int64_t> limit);

}  // namespace atlas::analytics
