// SPDX-License-Identifier: Apache-2.0
//
// The statement of add_cold_values(): the newest observations of several entities.
//
// Threading  pure functions; any thread.
#pragma once

#include <vector>

#include "primary/entity_state.h"
#include "primary/reads.h"
#include "storage/packed_reader.h"

namespace atlas::primary {

enum ColdColumn : int {
    kColdEntity,  // which of the entities, from 1
    kColdObservedAt,
    kColdPacked,  // the columns of PackedReader
};

// The newest `limit` observations in [from, to) of each entity, entity by entity, newest first;
// with `holding`, of those that carry a wanted attribute.
Read newest_rows_sql(const storage::PackedReader& reader, TenantId tenant,
                     const std::vector<EntityState>& entities, Time from, Time to, bool holding,
                     int limit);

}  // namespace atlas::primary
