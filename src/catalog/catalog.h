// SPDX-License-Identifier: Apache-2.0
//
// Caches each tenant's attributes as immutable snapshots (model::TenantCatalog), so that validation
// and reads need no query for them.
//
//     validation, reads → [Catalog] → database
//
// How old a snapshot may be is the caller's choice of function. Writers compare its epoch with the
// tenant's under the shard locks; readers ask for one that is at most a second old.
//
// Lifetime   snapshots are shared and outlive their eviction. The cache is bounded in bytes; the
//            least recently used tenant goes first. The clock outlives the cache.
// Threading  any thread; each call uses the caller's connection and may block on it.
// Errors     pg::Error as the statement failed; what was cached stays.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "model/tenant_catalog.h"
#include "pg/error.h"

namespace atlas::pg {
class Connection;
}

namespace atlas::catalog {

class Catalog {
public:
    explicit Catalog(const Clock& clock, std::size_t limit_bytes = std::size_t{64} << 20U);

    // The cached snapshot, or nullptr. Never blocks.
    model::TenantCatalogPtr cached(TenantId tenant);
    // The cached snapshot where it was revalidated within a second, or nullptr. Never blocks.
    model::TenantCatalogPtr recent(TenantId tenant);
    // The cached snapshot, loaded if there is none; nullptr for a tenant that does not exist.
    pg::Expected<model::TenantCatalogPtr> get(pg::Connection& connection, TenantId tenant);
    // As get(), but revalidated when it is older than a second (one row read).
    pg::Expected<model::TenantCatalogPtr> get_recent(pg::Connection& connection, TenantId tenant);
    // As get(), but no older than the call (one row read).
    pg::Expected<model::TenantCatalogPtr> get_current(pg::Connection& connection, TenantId tenant);
    // Loaded again, whatever is cached (two queries).
    pg::Expected<model::TenantCatalogPtr> reload(pg::Connection& connection, TenantId tenant);
    // Drops the tenant's snapshot: after this process changed its catalog.
    void forget(TenantId tenant);

private:
    struct Entry {
        model::TenantCatalogPtr snapshot;
        Clock::Steady checked;
        std::list<TenantId>::iterator use;
    };
    void store(const model::TenantCatalogPtr& snapshot);
    void erase(TenantId tenant);  // these two under mutex_
    void evict();

    const Clock& clock_;
    const std::size_t limit_bytes_;
    std::mutex mutex_;
    std::unordered_map<TenantId, Entry> entries_;
    std::list<TenantId> uses_;  // most recent first
    std::size_t bytes_ = 0;
};

}  // namespace atlas::catalog
