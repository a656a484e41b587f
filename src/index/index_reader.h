// SPDX-License-Identifier: Apache-2.0
//
// The reader over the live index: entities and lists of them, counts and facets, from memory alone.
//
//     request → [IndexReader: catalog, bind, scan] → answer, with the position that is applied
//
// Answers are those of the primary at that position: the same entities in the same order, the same
// JSON of their values, and page tokens that either continues. What the index does not have fails
// with not_held, which is retryable, so that the router asks the next source: cold attributes,
// series, names that its catalog does not have, entities that do not exist, tenants that are left
// out or inactive, and numbers beyond what model::plain_digits() reads. Totals are exact, also
// where an estimate was requested.
//
// Lifetime   index, catalogs and observations outlive it.
// Threading  any thread. A call never waits for I/O, but where an entity has to be looked up in
//            `observations`.
#pragma once

#include <span>
#include <vector>

#include "index/live_index.h"
#include "model/tenant_catalog.h"
#include "query/facets.h"
#include "query/reader.h"

namespace atlas::index {

class View;
using Row = std::uint32_t;

// The catalogs of tenants, as new as the index or newer. Any thread; should not block.
class Catalogs {
public:
    virtual ~Catalogs() = default;
    // nullptr: there is none, so the index does not answer.
    virtual model::TenantCatalogPtr find(TenantId tenant) = 0;
};

// The newest observations of entities that reported before the index began to follow the log: the
// database has them. Any thread; may block.
class Observations {
public:
    struct Wanted {
        EntityId entity;
        Day last_day{};                             // on which it reported last
        std::optional<Time> newest = std::nullopt;  // set by find()
    };
    virtual ~Observations() = default;
    // Sets `newest` of each, as of the index's position or later; nullopt: history has none.
    virtual query::Answer<void> find(TenantId tenant, std::span<Wanted> wanted) = 0;
};

class IndexReader final : public query::Reader, public query::FacetReader {
public:
    IndexReader(LiveIndex& index, Catalogs& catalogs, Observations& observations)
        : index_(index), catalogs_(catalogs), observations_(observations) {}

    // As query::Reader. Snapshot: position and holds are what the index had applied, as_of the
    // instant of that.
    query::Answer<query::EntityAnswer> get(const query::GetRequest& request) override;
    query::Answer<query::EntityPage> list(const query::ListRequest& request) override;
    // Fails with not_held.
    query::Answer<query::SeriesPage> series(const query::SeriesRequest& request) override;
    query::Answer<query::FacetsAnswer> facets(const query::FacetsRequest& request) override;

private:
    struct Session;
    template <class Request>
    query::Answer<Session> begin(Request& request);
    query::Answer<void> add_newest(TenantId tenant, const View& view, std::span<const Row> rows,
                                   std::span<query::Entity> entities);

    LiveIndex& index_;
    Catalogs& catalogs_;
    Observations& observations_;
};

}  // namespace atlas::index
