// SPDX-License-Identifier: Apache-2.0
#include "ingest/commit/state_cache.h"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <new>
#include <span>

#include "base/prefetch.h"

namespace atlas::ingest {
namespace {

// In addition to its slot an entity takes an array of hot values; two are the common case.
constexpr std::size_t kTypicalHotBytes = 80;

// An array of hot values with what the allocator adds.
std::size_t hot_bytes_of(std::size_t count) {
    constexpr std::size_t kOverhead = 16;
    return count == 0 ? 0 : count * sizeof(HotValue) + kOverhead;
}

}  // namespace

HotValue* EntityState::find(std::int32_t attribute) {
    const auto found = std::ranges::find(hot, attribute, &HotValue::attribute);
    return found == hot.end() ? nullptr : &*found;
}

const HotValue* EntityState::find(std::int32_t attribute) const {
    const auto found = std::ranges::find(hot, attribute, &HotValue::attribute);
    return found == hot.end() ? nullptr : &*found;
}

StateCache::StateCache(std::size_t limit_bytes)
    : sets_(std::max<std::size_t>(limit_bytes / ((sizeof(Slot) + kTypicalHotBytes) * kWays), 1)),
      hot_limit_(sets_ * kWays * kTypicalHotBytes),
      slots_(static_cast<Slot*>(std::calloc(sets_ * kWays, sizeof(Slot)))) {
    if (slots_ == nullptr) throw std::bad_alloc();
}

StateCache::~StateCache() {
    for (Slot& slot : std::span(slots_, sets_ * kWays)) release(slot);
    std::free(slots_);
}

StateCache::Slot* StateCache::set_of(EntityId entity) const {
    const auto hash = static_cast<std::uint64_t>(entity.value) * 0x9E3779B97F4A7C15ULL;
    const auto set = static_cast<std::size_t>((hash >> 32U) * sets_ >> 32U);
    return slots_ + set * kWays;
}

void StateCache::prefetch(EntityId entity) const {
    atlas::prefetch(set_of(entity), sizeof(Slot) * kWays);
}

std::optional<EntityState> StateCache::take(EntityId entity) {
    for (Slot& slot : std::span(set_of(entity), kWays)) {
        if (slot.entity != entity.value) continue;
        std::optional<EntityState> state;
        if (slot.generation == generations_[static_cast<std::size_t>(shard_of(entity))]) {
            state.emplace();
            state->entity = entity;
            state->newest_us = slot.newest_us;
            state->tags_hash = slot.tags_hash;
            state->last_day = slot.last_day;
            state->deleted = slot.deleted;
            state->hot.assign(slot.hot, slot.hot + slot.hot_count);
        }
        release(slot);
        return state;
    }
    return std::nullopt;
}

void StateCache::put(const EntityState& state) {
    const std::span<Slot> set(set_of(state.entity), kWays);
    for (Slot& slot : set) {
        if (slot.entity == state.entity.value) release(slot);
    }
    Slot* const room = make_room(set, hot_bytes_of(state.hot.size()));
    if (room == nullptr) return;
    Slot& slot = *room;
    slot.entity = state.entity.value;
    slot.newest_us = state.newest_us;
    slot.tags_hash = state.tags_hash;
    slot.last_day = state.last_day;
    slot.generation = generations_[static_cast<std::size_t>(shard_of(state.entity))];
    slot.deleted = state.deleted;
    slot.used = 1;
    slot.hot_count = static_cast<std::uint16_t>(state.hot.size());
    if (state.hot.empty()) return;
    hot_bytes_ += hot_bytes_of(state.hot.size());
    slot.hot = new HotValue[state.hot.size()];
    std::ranges::copy(state.hot, slot.hot);
}

StateCache::Slot* StateCache::make_room(std::span<Slot> set, std::size_t hot_bytes) {
    // The clock's hand passes twice at most: the first time it may only take marks away.
    for (std::size_t i = 0; i <= 2 * kWays; ++i) {
        const auto free = std::ranges::find(set, 0, &Slot::entity);
        if (free != set.end() && hot_bytes_ + hot_bytes <= hot_limit_) return &*free;
        Slot& slot = set[i % kWays];
        if (slot.used == 0) release(slot);
        slot.used = 0;
    }
    return nullptr;
}

void StateCache::invalidate_all() {
    for (std::uint32_t& generation : generations_) ++generation;
}

void StateCache::release(Slot& slot) {
    if (slot.entity == 0) return;
    hot_bytes_ -= hot_bytes_of(slot.hot_count);
    delete[] slot.hot;
    slot.hot = nullptr;
    slot.hot_count = 0;
    slot.entity = 0;
}

}  // namespace atlas::ingest
