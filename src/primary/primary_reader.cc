// SPDX-License-Identifier: Apache-2.0
#include "primary/primary_reader.h"

#include "primary/cold_values.h"
#include "primary/database_error.h"
#include "primary/entity_list.h"
#include "primary/facets.h"
#include "primary/series.h"

namespace atlas::primary {
namespace {

// Telemetry may be stamped somewhat ahead of its arrival.
constexpr auto kAhead = kMaxAhead + std::chrono::minutes{1};

}  // namespace

query::Answer<PrimaryReader::Session> PrimaryReader::begin(TenantId tenant) {
    auto lease = pool_.acquire();
    if (!lease) return failure(database_error(std::move(lease.error())));
    auto catalog = catalog_.get_recent(**lease, tenant);
    if (!catalog) return failure(database_error(std::move(catalog.error())));
    if (*catalog && (*catalog)->active()) {
        return Session{.lease = std::move(*lease), .catalog = std::move(*catalog)};
    }
    return failure(query::Error{
        .code = query::ErrorCode::tenant_inactive,
        .detail =
            "This tenant is inactive: reads and writes are rejected until it is active again."});
}

// A name that is not in the catalog at hand may be newer than it: then again, with a new one.
template <class Request>
query::Answer<void> PrimaryReader::bind(Session& session, Request& request) {
    auto bound = query::bind(request, *session.catalog);
    if (bound || bound.error().code != query::ErrorCode::unknown_attribute) return bound;
    auto reloaded = catalog_.reload(session.connection(), request.tenant);
    if (!reloaded || !*reloaded) return bound;
    session.catalog = std::move(*reloaded);
    return query::bind(request, *session.catalog);
}

query::Answer<void> PrimaryReader::add_cold(Session& session, const query::Shown& shown,
                                            std::vector<EntityState>& entities,
                                            query::Snapshot& snapshot) {
    if (!shown.names) return {};
    const Time now = clock_.system();
    const Time to = now + kAhead;
    const Time from = now - shown.window;
    if (shown.names->everything) {
        return add_all_cold_values(session.connection(), shapes_, *session.catalog, from, to,
                                   entities, snapshot);
    }
    return add_cold_values(session.connection(), shapes_, session.catalog->tenant(), shown.cold,
                           from, to, entities, snapshot);
}

query::Answer<query::EntityAnswer> PrimaryReader::get(const query::GetRequest& request) {
    auto session = begin(request.tenant);
    if (!session) return failure(std::move(session.error()));
    query::GetRequest get = request;
    if (auto bound = bind(*session, get); !bound) return failure(std::move(bound.error()));
    auto found = entities_.get(session->connection(), get.tenant, get.entity);
    if (!found) return failure(std::move(found.error()));
    if (found->deleted) return failure(query::entity_deleted(get.entity));
    std::vector<EntityState> one{std::move(found->entity)};
    if (auto added = add_cold(*session, get.shown, one, found->snapshot); !added) {
        return failure(std::move(added.error()));
    }
    return query::EntityAnswer{
        .entity = shown_entity(std::move(one.front()), get.shown.names, *session->catalog),
        .snapshot = found->snapshot};
}

query::Answer<query::EntityPage> PrimaryReader::list(const query::ListRequest& request) {
    auto session = begin(request.tenant);
    if (!session) return failure(std::move(session.error()));
    query::ListRequest list = request;
    if (auto bound = bind(*session, list); !bound) return failure(std::move(bound.error()));
    auto page = list_entities(session->connection(), searches_, list);
    if (!page) return failure(std::move(page.error()));
    if (auto added =
            add_last_observed(session->connection(), list.tenant, page->entities, page->snapshot);
        !added) {
        return failure(std::move(added.error()));
    }
    if (auto added = add_cold(*session, list.shown, page->entities, page->snapshot); !added) {
        return failure(std::move(added.error()));
    }
    query::EntityPage shown{.entities = {},
                            .next_page_token = std::move(page->next_page_token),
                            .total_size = page->total_size,
                            .snapshot = page->snapshot};
    shown.entities.reserve(page->entities.size());
    for (EntityState& entity : page->entities) {
        shown.entities.push_back(
            shown_entity(std::move(entity), list.shown.names, *session->catalog));
    }
    return shown;
}

query::Answer<query::SeriesPage> PrimaryReader::series(const query::SeriesRequest& request) {
    auto session = begin(request.tenant);
    if (!session) return failure(std::move(session.error()));
    query::SeriesRequest series = request;
    if (auto bound = bind(*session, series); !bound) return failure(std::move(bound.error()));
    return read_series(session->connection(), shapes_, series);
}

query::Answer<query::FacetsAnswer> PrimaryReader::facets(const query::FacetsRequest& request) {
    auto session = begin(request.tenant);
    if (!session) return failure(std::move(session.error()));
    query::FacetsRequest facets = request;
    if (auto bound = bind(*session, facets); !bound) return failure(std::move(bound.error()));
    return count_facets(session->connection(), facets);
}

}  // namespace atlas::primary
