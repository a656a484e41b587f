// SPDX-License-Identifier: Apache-2.0
//
// What a transaction asks of history: keys and searches. The plan of a transaction asks,
// history_reader reads.
//
// Threading  plain data; one thread at a time.
#pragma once

#include <cstdint>

#include "base/ids.h"
#include "base/time.h"

namespace atlas::ingest {

struct EntityKey {
    TenantId tenant;
    EntityId entity;
    bool operator==(const EntityKey&) const = default;
};

struct ObservationKey {
    EntityKey key;
    Time observed_at;
};

// Is there an observation after `after` that has the attribute? None is later than `last_day`.
struct AttributeSearch {
    EntityKey key;
    std::int32_t attribute = 0;
    Time after;
    std::int32_t last_day = 0;  // days since 1970
};

}  // namespace atlas::ingest
