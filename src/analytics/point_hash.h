// SPDX-License-Identifier: Apache-2.0
//
// Checksums of what two sides hold: equal rows have equal hashes, whatever side they come from, and
// the sums do not depend on the order of rows.
//
// Threading  values; pure functions.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <string_view>

#include "analytics/store.h"

namespace atlas::analytics {

struct Checksum {
    std::uint64_t count = 0;
    std::uint64_t sum = 0;  // of hashes
    void add(std::uint64_t hash) {
        ++count;
        sum += hash;
    }
    bool operator==(const Checksum&) const = default;
};

struct PointKey {
    std::int64_t tenant = 0;
    std::int64_t entity = 0;
    std::int64_t observed_at = 0;
    std::int64_t attribute = 0;
    auto operator<=>(const PointKey&) const = default;
};
struct PointKeyHash {
    std::size_t operator()(const PointKey& key) const;
};

// Of key, value and arrival of each point, in their order. Decimals and texts of the same bytes are
// the same, as in a store.
void hash_points(const Points& points,
                 const std::function<void(std::size_t point, std::uint64_t hash)>& use);
// Of every cell.
std::uint64_t hash_row(const DimensionRow& row);

}  // namespace atlas::analytics
