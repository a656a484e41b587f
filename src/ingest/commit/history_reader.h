// SPDX-License-Identifier: Apache-2.0
//
// What a transaction reads under the shard locks: current state, the newest observation of an
// entity, observations of the same instant, and whether a later one carries an attribute. Each is
// one statement for many entities, bounded to the partitions concerned.
//
// Threading  the writer's thread, in its transaction.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/time.h"
#include "model/attribute.h"
#include "pg/connection.h"

namespace atlas::ingest {

struct EntityKey {
    TenantId tenant;
    EntityId entity;
    bool operator==(const EntityKey&) const = default;
};

struct StoredState {
    std::size_t key = 0;  // index into the keys asked for
    std::string hot_attrs;
    std::string hot_at;
    std::int32_t last_day = 0;  // days since 1970
    bool has_last_day = false;
    bool deleted = false;
};
pg::Expected<std::vector<StoredState>> read_states(pg::Connection& connection,
                                                   std::span<const EntityKey> keys);

// For each key the newest instant of an observation on that UTC day; EntityState::kNever for none.
pg::Expected<std::vector<std::int64_t>> read_newest(pg::Connection& connection,
                                                    std::span<const EntityKey> keys,
                                                    std::int32_t day);

struct ObservationKey {
    EntityKey key;
    Time observed_at;
};

// One row of `observations` as it stands, in binary and without slack.
class StoredObservation {
public:
    StoredObservation(const pg::Rows& rows, int row);

    std::size_t place() const;                               // into the keys that were asked for
    std::string_view attributes() const { return cell(0); }  // int4[]
    // The array of a group's values; empty when there is none.
    std::string_view values(model::Group group) const;
    std::size_t bytes() const { return bytes_.size(); }

private:
    static constexpr std::size_t kCells = 5;
    std::string_view cell(std::size_t i) const;

    std::int32_t place_;
    std::array<std::uint32_t, kCells> ends_{};
    std::string bytes_;
};

// Those of the keys that exist, one by one; `on_row` returns false when it has had enough.
pg::Expected<void> read_existing(pg::Connection& connection, std::span<const ObservationKey> keys,
                                 const std::function<bool(StoredObservation)>& on_row);

struct AttributeSearch {
    EntityKey key;
    std::int32_t attribute = 0;
    Time after;
    std::int32_t last_day = 0;
};
// For each search the latest later observation that carries the attribute; kNever for none.
pg::Expected<std::vector<std::int64_t>> find_later(pg::Connection& connection,
                                                   std::span<const AttributeSearch> searches);

}  // namespace atlas::ingest
