// SPDX-License-Identifier: Apache-2.0
#include "ingest/resolve/entity_directory.h"

#include <xxhash.h>

#include <bit>
#include <cstdlib>
#include <cstring>
#include <new>

#include "base/prefetch.h"

namespace atlas::ingest {
namespace {

std::uint64_t hash_of(TenantId tenant, std::string_view external_id) {
    return XXH3_64bits_withSeed(external_id.data(), external_id.size(),
                                static_cast<std::uint64_t>(tenant.value));
}

}  // namespace

std::string_view EntityDirectory::Slot::key() const {
    if (length <= kInline) return {text, length};
    const char* heap = nullptr;
    std::memcpy(&heap, text, sizeof(heap));
    return {heap, length};
}

EntityDirectory::EntityDirectory(std::size_t limit_bytes)
    : sets_(std::bit_floor(std::max<std::size_t>(limit_bytes / (sizeof(Slot) * kWays), 1))),
      slots_(static_cast<Slot*>(std::calloc(sets_ * kWays, sizeof(Slot)))) {
    if (slots_ == nullptr) throw std::bad_alloc();
}

EntityDirectory::~EntityDirectory() {
    for (std::size_t i = 0; i < sets_ * kWays; ++i) release(slots_[i]);
    std::free(slots_);
}

bool EntityDirectory::Slot::is(TenantId of, std::uint64_t full_hash,
                               std::string_view external_id) const {
    return entity != 0 && hash == full_hash >> 32U && tenant == of.value && key() == external_id;
}

std::uint64_t EntityDirectory::prefetch(TenantId tenant, std::string_view external_id) const {
    const std::uint64_t hash = hash_of(tenant, external_id);
    atlas::prefetch(slots_ + set_of(hash) * kWays, sizeof(Slot) * kWays);
    return hash;
}

std::optional<EntityId> EntityDirectory::find(TenantId tenant, std::int64_t epoch,
                                              std::string_view external_id) {
    return find(tenant, epoch, external_id, hash_of(tenant, external_id));
}

std::optional<EntityId> EntityDirectory::find(TenantId tenant, std::int64_t epoch,
                                              std::string_view external_id, std::uint64_t hash) {
    const std::size_t set = set_of(hash);
    const std::lock_guard lock(mutexes_[set % kStripes]);
    for (Slot& slot : std::span(slots_ + set * kWays, kWays)) {
        if (!slot.is(tenant, hash, external_id)) continue;
        if (slot.epoch != static_cast<std::uint32_t>(epoch)) return std::nullopt;
        slot.used = 1;
        return EntityId{slot.entity};
    }
    return std::nullopt;
}

void EntityDirectory::insert(TenantId tenant, std::int64_t epoch, std::string_view external_id,
                             EntityId entity) {
    const std::uint64_t hash = hash_of(tenant, external_id);
    const std::size_t set = set_of(hash);
    const std::lock_guard lock(mutexes_[set % kStripes]);
    const std::span<Slot> ways(slots_ + set * kWays, kWays);
    for (Slot& slot : ways) {
        if (!slot.is(tenant, hash, external_id)) continue;
        slot.entity = entity.value;
        slot.epoch = static_cast<std::uint32_t>(epoch);
        return;
    }
    Slot& slot = victim(ways, hash);
    release(slot);
    slot.entity = entity.value;
    slot.tenant = tenant.value;
    slot.hash = static_cast<std::uint32_t>(hash >> 32U);
    slot.epoch = static_cast<std::uint32_t>(epoch);
    slot.length = static_cast<std::uint16_t>(external_id.size());
    slot.used = 1;
    if (external_id.size() <= kInline) {
        std::memcpy(slot.text, external_id.data(), external_id.size());
        return;
    }
    char* heap = new char[external_id.size()];
    std::memcpy(heap, external_id.data(), external_id.size());
    std::memcpy(slot.text, &heap, sizeof(heap));
}

EntityDirectory::Slot& EntityDirectory::victim(std::span<Slot> set, std::uint64_t hash) {
    for (Slot& slot : set) {
        if (slot.entity == 0) return slot;
    }
    // The clock hand starts at a place of its own for every key, which spreads the losses.
    const std::size_t start = (hash >> 56U) % kWays;
    for (std::size_t i = 0; i < kWays; ++i) {
        Slot& slot = set[(start + i) % kWays];
        if (slot.used == 0) return slot;
        slot.used = 0;
    }
    return set[start];
}

void EntityDirectory::release(Slot& slot) {
    if (slot.entity != 0 && slot.length > kInline) delete[] slot.key().data();
    slot.entity = 0;
}

}  // namespace atlas::ingest
