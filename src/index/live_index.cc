// SPDX-License-Identifier: Apache-2.0
#include "index/live_index.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <shared_mutex>
#include <unordered_map>
#include <utility>

#include "index/tenant.h"

namespace atlas::index {

struct LiveIndex::Parts {
    using TenantPtr = std::shared_ptr<Tenant>;
    struct Learned {
        TenantId tenant;
        EntityId entity;
        Newest newest;
    };

    explicit Parts(const Clock& clock_of_reads) : clock(clock_of_reads) {}

    // As the transaction that collects has it; nullptr: none.
    Tenant* known(TenantId id) const {
        if (const auto found = replaced.find(id); found != replaced.end()) {
            return found->second.get();
        }
        const auto found = tenants.find(id);
        return found == tenants.end() ? nullptr : found->second.get();
    }
    // For a change; nullptr: its changes are ignored.
    Tenant* touch(TenantId id) {
        if (last != nullptr && last->id() == id) return last;
        Tenant* tenant = known(id);
        if (tenant == nullptr) {
            auto made = std::make_shared<Tenant>(id);
            tenant = made.get();
            replaced[id] = std::move(made);
        }
        if (tenant->left_out()) return nullptr;
        touched.emplace(id, tenant);
        last = tenant;
        return tenant;
    }
    // For a removal: nothing is to be removed of what is not known.
    Tenant* touch_known(TenantId id) { return known(id) == nullptr ? nullptr : touch(id); }
    void replace(TenantId id, TenantPtr with) {
        if (const auto found = touched.find(id); found != touched.end()) {
            found->second->abort();
            touched.erase(found);
        }
        last = nullptr;
        replaced[id] = std::move(with);
    }

    void install() {
        if (replaced.empty()) return;
        std::vector<TenantPtr> gone;  // freed after the lock
        const std::unique_lock lock(mutex);
        for (auto& [id, tenant] : replaced) {
            TenantPtr& current = tenants[id];
            gone.push_back(std::exchange(current, std::move(tenant)));
            if (!current) tenants.erase(id);
        }
        replaced.clear();
    }

    void commit_tenants(const Applied& end) {
        for (const auto& [id, tenant] : touched) {
            const Tenant::Done done = tenant->commit(end);
            changes.fetch_add(done.changes, std::memory_order_relaxed);
            copied.fetch_add(done.copied, std::memory_order_relaxed);
        }
        touched.clear();
        last = nullptr;
    }

    void take_learned() {
        std::vector<Learned> all;
        {
            const std::lock_guard lock(learned_mutex);
            all.swap(learned);
        }
        for (const Learned& one : all) {
            Tenant* const tenant = touch_known(one.tenant);
            if (tenant != nullptr) tenant->learned(one.entity, one.newest);
        }
    }

    void move_to(const Applied& end) {
        const std::unique_lock lock(mutex);
        applied = end;
    }

    const Clock& clock;
    mutable std::shared_mutex mutex;
    std::unordered_map<TenantId, TenantPtr> tenants;  // changed by the writer, under mutex
    Applied applied;                                  // under mutex
    std::mutex learned_mutex;
    std::vector<Learned> learned;
    std::atomic<std::uint64_t> transactions{0};
    std::atomic<std::uint64_t> changes{0};
    std::atomic<std::uint64_t> copied{0};

    // The writer's own: what the transaction that collects replaces and touches.
    std::unordered_map<TenantId, TenantPtr> replaced;
    std::unordered_map<TenantId, Tenant*> touched;
    Tenant* last = nullptr;
};

LiveIndex::LiveIndex(const Clock& clock) : parts_(std::make_unique<Parts>(clock)) {
}

LiveIndex::~LiveIndex() = default;

void LiveIndex::put(const EntityRow& row) {
    if (Tenant* const tenant = parts_->touch(row.tenant)) tenant->put(row);
}

void LiveIndex::put(const StateRow& row) {
    if (Tenant* const tenant = parts_->touch(row.tenant)) tenant->put(row);
}

void LiveIndex::observed(TenantId tenant, EntityId entity, Time at) {
    if (Tenant* const known = parts_->touch_known(tenant)) known->observed(entity, at);
}

void LiveIndex::remove_entity(TenantId tenant, EntityId entity) {
    if (Tenant* const known = parts_->touch_known(tenant)) known->remove_entity(entity);
}

void LiveIndex::remove_state(TenantId tenant, EntityId entity) {
    if (Tenant* const known = parts_->touch_known(tenant)) known->remove_state(entity);
}

void LiveIndex::remove_tenant(TenantId tenant) {
    parts_->replace(tenant, nullptr);
}

void LiveIndex::commit(const Applied& end) {
    parts_->take_learned();
    parts_->commit_tenants(end);
    parts_->install();
    parts_->transactions.fetch_add(1, std::memory_order_relaxed);
    parts_->move_to(end);
}

void LiveIndex::abort() {
    for (const auto& [id, tenant] : parts_->touched) tenant->abort();
    parts_->touched.clear();
    parts_->replaced.clear();
    parts_->last = nullptr;
}

void LiveIndex::advance(const Applied& end) {
    if (parts_->touched.empty() && parts_->replaced.empty()) {
        parts_->take_learned();
        parts_->commit_tenants(end);
    }
    parts_->move_to(end);
}

Applied LiveIndex::applied() const {
    const std::shared_lock lock(parts_->mutex);
    return parts_->applied;
}

void LiveIndex::clear() {
    abort();
    std::unordered_map<TenantId, std::shared_ptr<Tenant>> gone;
    {
        const std::lock_guard lock(parts_->learned_mutex);
        parts_->learned.clear();
    }
    const std::unique_lock lock(parts_->mutex);
    gone.swap(parts_->tenants);
    parts_->applied = {};
}

void LiveIndex::learned(TenantId tenant, EntityId entity, Day day, std::optional<Time> newest) {
    const std::lock_guard lock(parts_->learned_mutex);
    parts_->learned.push_back(
        {tenant, entity, Newest(newest ? Newest::at(*newest) : Newest::nothing_on(day))});
}

void LiveIndex::leave_out(TenantId tenant) {
    parts_->replace(tenant, std::make_shared<Tenant>(tenant, Tenant::Standing::left_out));
    auto left = std::move(parts_->replaced[tenant]);
    parts_->replaced.erase(tenant);
    const std::unique_lock lock(parts_->mutex);
    parts_->tenants[tenant].swap(left);
}

void LiveIndex::take_in(TenantId tenant) {
    auto made = std::make_shared<Tenant>(tenant, Tenant::Standing::loading);
    if (const Tenant* const before = parts_->known(tenant)) made->missed(before->last_read());
    parts_->replace(tenant, std::move(made));
}

void LiveIndex::show(TenantId tenant) {
    if (Tenant* const known = parts_->known(tenant)) known->show();
}

Usage LiveIndex::usage() const {
    Usage usage{.transactions = parts_->transactions.load(std::memory_order_relaxed),
                .changes = parts_->changes.load(std::memory_order_relaxed),
                .copied_bytes = parts_->copied.load(std::memory_order_relaxed)};
    const std::shared_lock lock(parts_->mutex);
    for (const auto& [id, tenant] : parts_->tenants) {
        usage.bytes += tenant->bytes();
        usage.entities += tenant->entities();
        ++usage.tenants;
        usage.left_out += tenant->shown() ? 0 : 1;
    }
    return usage;
}

std::vector<TenantUse> LiveIndex::tenants() const {
    std::vector<TenantUse> uses;
    {
        const std::shared_lock lock(parts_->mutex);
        for (const auto& [id, tenant] : parts_->tenants) {
            uses.push_back({.tenant = id,
                            .entities = tenant->entities(),
                            .bytes = tenant->bytes(),
                            .last_read = tenant->last_read(),
                            .left_out = tenant->left_out()});
        }
    }
    std::ranges::sort(uses, {}, &TenantUse::tenant);
    return uses;
}

std::shared_ptr<Tenant> LiveIndex::find(TenantId tenant) const {
    const std::shared_lock lock(parts_->mutex);
    const auto found = parts_->tenants.find(tenant);
    return found == parts_->tenants.end() ? nullptr : found->second;
}

const Clock& LiveIndex::clock() const {
    return parts_->clock;
}

}  // namespace atlas::index
