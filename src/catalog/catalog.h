// SPDX-License-Identifier: Apache-2.0
//
// What is known of each tenant's attributes, cached as immutable snapshots.
//
//     parse → [Catalog] → validate        query → [Catalog] → plan
//
// A snapshot is complete for its tenant at the time it was loaded. Writers compare its epoch with
// the tenant's under the shard locks; readers ask for one that is at most a second old.
//
// Lifetime   snapshots are shared and outlive eviction; the cache is bounded in bytes.
// Threading  any thread; each call uses the caller's connection and may block on it.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/ids.h"
#include "model/attribute.h"
#include "pg/connection.h"

namespace atlas::model {

class TenantCatalog {
public:
    TenantCatalog(TenantId tenant, std::int64_t epoch, std::int64_t clock, bool active,
                  std::vector<Attribute> attributes);

    TenantId tenant() const { return tenant_; }
    std::int64_t epoch() const { return epoch_; }
    // The reading of catalog_clock up to which the snapshot is known to hold: while the clock
    // shows it, no tenant's catalog has moved.
    std::int64_t clock() const { return clock_.load(std::memory_order_relaxed); }
    void confirm(std::int64_t clock) const { clock_.store(clock, std::memory_order_relaxed); }
    bool active() const { return active_; }
    const Attribute* find(std::string_view name) const;  // nullptr: not in this snapshot
    const Attribute* find(AttributeId id) const;
    std::span<const Attribute> all() const { return attributes_; }  // ascending by id
    std::size_t bytes() const { return bytes_; }

private:
    TenantId tenant_;
    std::int64_t epoch_;
    mutable std::atomic<std::int64_t> clock_;
    bool active_;
    std::vector<Attribute> attributes_;
    std::unordered_map<std::string_view, std::uint32_t> by_name_;
    std::size_t bytes_ = 0;
};

using TenantCatalogPtr = std::shared_ptr<const TenantCatalog>;

class Catalog {
public:
    explicit Catalog(std::size_t limit_bytes = std::size_t{64} << 20U);

    // The cached snapshot, or nullptr. Never blocks.
    TenantCatalogPtr cached(TenantId tenant);
    // The cached snapshot, loaded if there is none; nullptr for a tenant that does not exist.
    pg::Expected<TenantCatalogPtr> get(pg::Connection& connection, TenantId tenant);
    // As get(), but revalidated when it is older than a second (one row read).
    pg::Expected<TenantCatalogPtr> get_recent(pg::Connection& connection, TenantId tenant);
    // As get(), but never older than the call (one row read).
    pg::Expected<TenantCatalogPtr> get_current(pg::Connection& connection, TenantId tenant);
    // Loaded anew, whatever is cached.
    pg::Expected<TenantCatalogPtr> reload(pg::Connection& connection, TenantId tenant);
    // Forgets the tenant: after a change of its catalog made by this process.
    void forget(TenantId tenant);

private:
    struct Entry {
        TenantCatalogPtr snapshot;
        std::chrono::steady_clock::time_point checked;
        std::list<TenantId>::iterator use;
    };
    void store(const TenantCatalogPtr& snapshot);
    void erase(TenantId tenant);  // these two under mutex_
    void evict();

    const std::size_t limit_bytes_;
    std::mutex mutex_;
    std::unordered_map<TenantId, Entry> entries_;
    std::list<TenantId> uses_;  // most recent first
    std::size_t bytes_ = 0;
};

}  // namespace atlas::model
