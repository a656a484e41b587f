// SPDX-License-Identifier: Apache-2.0
//
// Reads state and history under the shard locks: current state, the newest observation of an
// entity, observations of the same instant, and the latest one that has an attribute. Each is one
// statement for many entities, bounded to the partitions concerned.
//
// Threading  the writer's thread, in its transaction; every call blocks on the connection.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "ingest/commit/history.h"
#include "pg/connection.h"
#include "storage/observation.h"

namespace atlas::ingest {

struct StoredState {
    std::size_t key = 0;  // index into the keys asked for
    std::string hot_attrs;
    std::string hot_at;
    std::int32_t last_day = 0;  // days since 1970
    bool has_last_day = false;
    bool deleted = false;
};
// The states of the keys that exist, in any order.
pg::Expected<std::vector<StoredState>> read_states(pg::Connection& connection,
                                                   std::span<const EntityKey> keys);

// Makes the states that these keys lack, where their entities exist; returns how many.
pg::Expected<std::int64_t> restore_states(pg::Connection& connection,
                                          std::span<const EntityKey> keys);

// For each key the time of the newest observation on that UTC day; EntityState::kNever: none.
pg::Expected<std::vector<std::int64_t>> read_newest(pg::Connection& connection,
                                                    std::span<const EntityKey> keys,
                                                    std::int32_t day);

// The observations of the keys that exist, one by one, until `on_row` returns false.
pg::Expected<void> read_existing(pg::Connection& connection, std::span<const ObservationKey> keys,
                                 const std::function<bool(storage::StoredObservation)>& on_row);

// For each search the time of the latest observation after its `after` that has the attribute;
// kNever: none.
pg::Expected<std::vector<std::int64_t>> find_later(pg::Connection& connection,
                                                   std::span<const AttributeSearch> searches);

}  // namespace atlas::ingest
