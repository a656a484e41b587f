// SPDX-License-Identifier: Apache-2.0
#include "ingest/state_cache.h"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <new>
#include <span>

namespace atlas::ingest {
namespace {

// Beside its slot an entity takes an array of hot values; two are the common case.
constexpr std::size_t kTypicalHotBytes = 64;

}  // namespace

HotValue* EntityState::find(std::int32_t attribute) {
    const auto found = std::ranges::find(hot, attribute, &HotValue::attribute);
    return found == hot.end() ? nullptr : &*found;
}

StateCache::StateCache(std::size_t limit_bytes)
    : sets_(std::max<std::size_t>(limit_bytes / ((sizeof(Slot) + kTypicalHotBytes) * kWays), 1)),
      slots_(static_cast<Slot*>(std::calloc(sets_ * kWays, sizeof(Slot)))) {
    if (slots_ == nullptr) throw std::bad_alloc();
}

StateCache::~StateCache() {
    std::ranges::for_each(std::span(slots_, sets_ * kWays), release);
    std::free(slots_);
}

StateCache::Slot* StateCache::set_of(EntityId entity) const {
    const auto hash = static_cast<std::uint64_t>(entity.value) * 0x9E3779B97F4A7C15ULL;
    const auto set = static_cast<std::size_t>((hash >> 32U) * sets_ >> 32U);
    return slots_ + set * kWays;
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

void StateCache::put(EntityState state) {
    const std::span<Slot> set(set_of(state.entity), kWays);
    Slot* victim = nullptr;
    for (Slot& slot : set) {
        if (slot.entity == state.entity.value || (victim == nullptr && slot.entity == 0)) {
            victim = &slot;
        }
    }
    for (std::size_t i = 0; victim == nullptr && i < 2 * kWays; ++i) {
        Slot& slot = set[i % kWays];
        if (slot.used == 0) victim = &slot;
        slot.used = 0;
    }
    release(*victim);
    victim->entity = state.entity.value;
    victim->newest_us = state.newest_us;
    victim->tags_hash = state.tags_hash;
    victim->last_day = state.last_day;
    victim->generation = generations_[static_cast<std::size_t>(shard_of(state.entity))];
    victim->deleted = state.deleted;
    victim->used = 1;
    victim->hot_count = static_cast<std::uint16_t>(state.hot.size());
    if (state.hot.empty()) return;
    victim->hot = new HotValue[state.hot.size()];
    std::ranges::copy(state.hot, victim->hot);
}

void StateCache::invalidate_all() {
    for (std::uint32_t& generation : generations_) ++generation;
}

void StateCache::release(Slot& slot) {
    delete[] slot.hot;
    slot.hot = nullptr;
    slot.hot_count = 0;
    slot.entity = 0;
}

}  // namespace atlas::ingest
