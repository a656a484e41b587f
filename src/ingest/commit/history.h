// SPDX-License-Identifier: Apache-2.0
//
// What a transaction asks of history and what it is told: keys, searches, stored observations. The
// plan of a transaction asks, history_reader reads.
//
// Lifetime   plain values; a stored observation owns its bytes.
// Threading  one thread at a time.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/time.h"
#include "model/attribute.h"

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

// One row of `observations` as stored, in binary and without slack.
class StoredObservation {
public:
    // attrs and the arrays of the four groups, each in PostgreSQL's binary format; empty: NULL.
    static constexpr std::size_t kCells = 5;
    StoredObservation(std::size_t place, std::span<const std::string_view, kCells> cells);

    std::size_t place() const { return place_; }             // into the keys that were asked for
    std::string_view attributes() const { return cell(0); }  // int4[]
    // The array of a group's values; empty when there is none.
    std::string_view values(model::Group group) const {
        return cell(static_cast<std::size_t>(group) + 1);
    }
    std::size_t bytes() const { return bytes_.size(); }

private:
    std::string_view cell(std::size_t i) const;

    std::size_t place_;
    std::array<std::uint32_t, kCells> ends_{};
    std::string bytes_;
};

}  // namespace atlas::ingest
