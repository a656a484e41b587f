// SPDX-License-Identifier: Apache-2.0
//
// The statements of read_series(): packed rows by entity and time. Bounds of time are parameters of
// statements planned for their values, so each reads the partitions it needs and no other. Requests
// are bound.
//
// Threading  pure functions; any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "primary/reads.h"
#include "query/series_range.h"
#include "query/series_request.h"
#include "storage/packed_reader.h"

namespace atlas::primary {

using query::TimeRange;

struct SeriesMember {
    EntityId id;
    std::string name;
    TimeRange range;
};

// The columns of several; those of one entity have no member.
enum SeriesColumn : int {
    kSeriesMember,  // which member the row is of, from 1; of merged rows the entity's id
    kSeriesTime,
    kSeriesPacked,  // the columns of PackedReader
};

// The id of the one entity; no row when there is none.
Read entity_id_sql(const query::SeriesRequest& request);
// The one entity, by time.
Read entity_rows_sql(const query::SeriesRequest& request, const storage::PackedReader& reader,
                     TimeRange range);
// Several, one after the other, each by time in its own range.
Read fleet_rows_sql(const query::SeriesRequest& request, const storage::PackedReader& reader,
                    const std::vector<SeriesMember>& members);
// Several, by time, as one; from `resume` on, that row included.
Read merged_rows_sql(const query::SeriesRequest& request, const storage::PackedReader& reader,
                     const std::vector<SeriesMember>& members,
                     const std::optional<query::SeriesPlace>& resume);

}  // namespace atlas::primary
