// SPDX-License-Identifier: Apache-2.0
//
// Caches the entity_id of external ids. Each entry has the epoch of its tenant's entities
// (model::TenantCatalog::entities_epoch) that was read before it: with a later epoch it counts as
// absent. The cache is a set-associative table of fixed size in which a new entry replaces one that
// was not used recently.
//
// Lifetime   as long as the ingester.
// Threading  any thread; sets are guarded by striped mutexes.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string_view>

#include "base/ids.h"

namespace atlas::ingest {

class EntityDirectory {
public:
    // Memory grows up to about `limit_bytes` as entries arrive, plus external ids beyond 21 bytes.
    explicit EntityDirectory(std::size_t limit_bytes);
    ~EntityDirectory();
    EntityDirectory(const EntityDirectory&) = delete;
    EntityDirectory& operator=(const EntityDirectory&) = delete;

    // nullopt: not cached under this epoch. Locks one stripe; does not block on the database.
    std::optional<EntityId> find(TenantId tenant, std::int64_t epoch, std::string_view external_id);
    // The same in two steps, for loops over many: prefetch() some rounds before find() with the
    // hash that it returned (base/prefetch.h).
    std::uint64_t prefetch(TenantId tenant, std::string_view external_id) const;
    std::optional<EntityId> find(TenantId tenant, std::int64_t epoch, std::string_view external_id,
                                 std::uint64_t hash);
    // `entity` was read from the database after `epoch` was.
    void insert(TenantId tenant, std::int64_t epoch, std::string_view external_id, EntityId entity);

private:
    static constexpr std::size_t kWays = 8;
    static constexpr std::size_t kInline = 21;
    static constexpr std::size_t kStripes = 256;

    struct Slot {
        std::int64_t entity;  // 0: free
        std::int64_t tenant;
        std::uint32_t hash;   // its upper half; the lower one chose the set
        std::uint32_t epoch;  // its lower half
        std::uint16_t length;
        std::uint8_t used;   // since the clock hand passed last
        char text[kInline];  // or, when longer, a pointer to the heap
        std::string_view key() const;
        bool is(TenantId tenant, std::uint64_t full_hash, std::string_view external_id) const;
    };

    std::size_t set_of(std::uint64_t hash) const { return hash & (sets_ - 1); }
    static Slot& victim(std::span<Slot> set, std::uint64_t hash);
    static void release(Slot& slot);

    std::size_t sets_;
    Slot* slots_;  // zeroed by the kernel page by page as it is touched
    std::array<std::mutex, kStripes> mutexes_;
};

}  // namespace atlas::ingest
