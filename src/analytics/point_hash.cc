// SPDX-License-Identifier: Apache-2.0
#include "analytics/point_hash.h"

#include <xxhash.h>

#include <array>
#include <bit>
#include <cmath>

#include "model/attribute.h"

namespace atlas::analytics {
namespace {

std::uint64_t bits_of(double value) {
    constexpr std::uint64_t kNan = 0x7FF8000000000000;
    return std::isnan(value) ? kNan : std::bit_cast<std::uint64_t>(value + 0.0);
}

}  // namespace

std::size_t PointKeyHash::operator()(const PointKey& key) const {
    return XXH3_64bits(&key, sizeof key);
}

void hash_points(const Points& points,
                 const std::function<void(std::size_t point, std::uint64_t hash)>& use) {
    std::uint32_t text = 0;
    for (std::size_t i = 0; i < points.size(); ++i) {
        const std::string_view bytes(points.text_bytes.data() + text, points.text[i] - text);
        text = points.text[i];
        std::uint64_t kind = points.group[i];
        std::uint64_t value = 0;
        switch (static_cast<model::Group>(points.group[i])) {
            case model::Group::ints: value = static_cast<std::uint64_t>(points.int_value[i]); break;
            case model::Group::doubles: value = bits_of(points.double_value[i]); break;
            case model::Group::decimals:
            case model::Group::texts:
                kind = static_cast<std::uint64_t>(model::Group::texts);
                value = XXH3_64bits(bytes.data(), bytes.size());
                break;
        }
        const std::int64_t delay = delay_of(points.observed_at[i], points.received_at[i]);
        const std::array<std::uint64_t, 7> whole{static_cast<std::uint64_t>(points.tenant[i]),
                                                 static_cast<std::uint64_t>(points.entity[i]),
                                                 static_cast<std::uint64_t>(points.attribute[i]),
                                                 static_cast<std::uint64_t>(points.observed_at[i]),
                                                 static_cast<std::uint64_t>(delay),
                                                 kind,
                                                 value};
        use(i, XXH3_64bits(whole.data(), sizeof whole));
    }
}

std::uint64_t hash_row(const DimensionRow& row) {
    std::uint64_t hash = row.cells.size();
    for (const auto& cell : row.cells) {
        hash = cell ? XXH3_64bits_withSeed(cell->data(), cell->size(), hash)
                    : hash * 0x9E3779B97F4A7C15 + 1;
    }
    return hash;
}

}  // namespace atlas::analytics
