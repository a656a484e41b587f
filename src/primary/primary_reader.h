// SPDX-License-Identifier: Apache-2.0
//
// The reader over a PostgreSQL server: the primary, or a replica of it.
//
//     request → [PrimaryReader: session, catalog, bind, statements] → answer
//
// Lifetime   pool, catalog and clock outlive it. Its caches are bounded and live as long as it.
// Threading  any thread; each call leases a session of its own and blocks on it.
#pragma once

#include "base/clock.h"
#include "catalog/catalog.h"
#include "pg/pool.h"
#include "primary/entity_get.h"
#include "primary/search_memory.h"
#include "query/facets.h"
#include "query/reader.h"
#include "storage/packed_reader.h"

namespace atlas::primary {

class PrimaryReader final : public query::Reader, public query::FacetReader {
public:
    // The pool's sessions should have read_session_settings().
    PrimaryReader(pg::Pool& pool, catalog::Catalog& catalog, storage::ShapeRegistry& shapes,
                  const Clock& clock)
        : pool_(pool),
          catalog_(catalog),
          shapes_(shapes),
          clock_(clock),
          searches_(clock),
          entities_(clock.system()) {}

    // As query::Reader. The request is bound before the first statement of the read.
    query::Answer<query::EntityAnswer> get(const query::GetRequest& request) override;
    query::Answer<query::EntityPage> list(const query::ListRequest& request) override;
    query::Answer<query::SeriesPage> series(const query::SeriesRequest& request) override;
    query::Answer<query::FacetsAnswer> facets(const query::FacetsRequest& request) override;

private:
    // A leased session, and the tenant's catalog as it is known.
    struct Session {
        pg::Pool::Lease lease;
        model::TenantCatalogPtr catalog;
        pg::Connection& connection() { return *lease; }
    };
    query::Answer<Session> begin(TenantId tenant);
    template <class Request>
    query::Answer<void> bind(Session& session, Request& request);
    query::Answer<void> add_cold(Session& session, const query::Shown& shown,
                                 std::vector<EntityState>& entities, query::Snapshot& snapshot);

    pg::Pool& pool_;
    catalog::Catalog& catalog_;
    storage::ShapeRegistry& shapes_;
    const Clock& clock_;
    SearchMemory searches_;
    EntityGetter entities_;
};

}  // namespace atlas::primary
