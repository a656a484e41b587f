// SPDX-License-Identifier: Apache-2.0
//
// A writer's cache of current state, so that it need not read it under the locks. A transaction
// takes the states it works on out of the cache and puts them back when it has committed; those of
// a transaction that fails are no longer cached.
//
// Entries have their shard's generation: when another writer wrote the shard, the generation rises
// and every older entry counts as absent.
//
// Lifetime   one per writer.
// Threading  the writer's thread only.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "base/ids.h"
#include "ingest/commit/hot_value.h"

namespace atlas::ingest {

struct EntityState {
    static constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::min();
    static constexpr std::int32_t kNoDay = std::numeric_limits<std::int32_t>::min();

    EntityId entity;
    std::int64_t newest_us = kNever;  // observed_at of its latest observation
    std::uint64_t tags_hash = 0;      // of the tags written last; 0: not known
    std::int32_t last_day = kNoDay;   // days since 1970
    bool deleted = false;
    bool absent = false;  // has no row of current state yet
    std::vector<HotValue> hot;

    HotValue* find(std::int32_t attribute);
    const HotValue* find(std::int32_t attribute) const;
};

class StateCache {
public:
    // Memory grows up to about `limit_bytes` as entities are seen, however many hot values they
    // have.
    explicit StateCache(std::size_t limit_bytes);
    ~StateCache();
    StateCache(const StateCache&) = delete;
    StateCache& operator=(const StateCache&) = delete;

    // take() or put() of this entity follows soon (base/prefetch.h).
    void prefetch(EntityId entity) const;
    // Moves the state out; nullopt when it is absent or void.
    std::optional<EntityState> take(EntityId entity);
    void put(const EntityState& state);
    // Another writer wrote the shard: its cached states are void.
    void invalidate_shard(int shard) { ++generations_[static_cast<std::size_t>(shard)]; }
    void invalidate_all();

private:
    static constexpr std::size_t kWays = 8;
    struct Slot {
        std::int64_t entity;  // 0: free
        std::int64_t newest_us;
        std::uint64_t tags_hash;
        HotValue* hot;
        std::int32_t last_day;
        std::uint32_t generation;
        std::uint16_t hot_count;
        bool deleted;
        std::uint8_t used;
    };
    Slot* set_of(EntityId entity) const;
    // Frees slots of the set until one is free and `hot_bytes` more fit; null when they do not fit
    // even into an empty one.
    Slot* make_room(std::span<Slot> set, std::size_t hot_bytes);
    void release(Slot& slot);

    std::size_t sets_;
    std::size_t hot_limit_;      // bytes for arrays of hot values
    std::size_t hot_bytes_ = 0;  // taken by them
    Slot* slots_;                // zeroed by the kernel page by page as it is touched
    std::array<std::uint32_t, kShards> generations_{};
};

}  // namespace atlas::ingest
