// SPDX-License-Identifier: Apache-2.0
//
// Identifiers with a type of their own, so that a tenant never passes for an entity.
//
// Threading  plain data; any thread.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>

namespace atlas {

template <class Tag, class Rep>
struct Id {
    Rep value{};
    auto operator<=>(const Id&) const = default;
};

using TenantId = Id<struct TenantTag, std::int64_t>;
using EntityId = Id<struct EntityTag, std::int64_t>;
using AttributeId = Id<struct AttributeTag, std::int32_t>;

inline constexpr TenantId kSystemTenant{1};
inline constexpr TenantId kDefaultTenant{2};

// Writers of one entity meet at its shard's lock. SQL computes the same: entity_id & 63.
inline constexpr int kShards = 64;
constexpr int shard_of(EntityId entity) {
    return static_cast<int>(entity.value & (kShards - 1));
}

}  // namespace atlas

template <class Tag, class Rep>
struct std::hash<atlas::Id<Tag, Rep>> {
    std::size_t operator()(const atlas::Id<Tag, Rep>& id) const noexcept {
        return static_cast<std::size_t>(static_cast<std::uint64_t>(id.value) *
                                        0x9E3779B97F4A7C15ULL);
    }
};
