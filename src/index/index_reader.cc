// SPDX-License-Identifier: Apache-2.0
#include "index/index_reader.h"

#include <algorithm>

#include "index/facet_count.h"
#include "index/shown.h"
#include "index/tenant.h"
#include "index/top_rows.h"

namespace atlas::index {
namespace {

using query::ErrorCode;

query::Error not_held(std::string detail) {
    return query::not_held("The live index does not have " + detail);
}

bool wants_cold(const query::Shown& shown) {
    return !shown.cold.empty() || (shown.names && shown.names->everything);
}

// What the catalog at hand does not have may be newer than it.
query::Error unless_newer(query::Error error) {
    const bool newer =
        error.code == ErrorCode::unknown_attribute || error.code == ErrorCode::attribute_not_hot;
    return newer ? query::not_held(std::move(error.detail)) : error;
}

}  // namespace

// A pinned version of a tenant, and what its request needs of the catalog.
struct IndexReader::Session {
    model::TenantCatalogPtr catalog;
    Applied applied;  // before the version was pinned
    View view;

    query::Snapshot snapshot() const {
        const Applied& end = std::max(applied, view.end(), [](const auto& a, const auto& b) {
            return a.position < b.position;
        });
        return {.as_of = end.as_of, .position = end.position, .holds = end.position};
    }
};

template <class Request>
query::Answer<IndexReader::Session> IndexReader::begin(Request& request) {
    model::TenantCatalogPtr catalog = catalogs_.find(request.tenant);
    if (!catalog || !catalog->active()) return failure(not_held("this tenant."));
    if (auto bound = query::bind(request, *catalog); !bound) {
        return failure(unless_newer(std::move(bound.error())));
    }
    const Applied applied = index_.applied();
    const auto tenant = index_.find(request.tenant);
    if (!tenant) return failure(not_held("this tenant."));
    if (!tenant->shown()) {
        tenant->missed(index_.clock().system());
        return failure(not_held("this tenant."));
    }
    return Session{.catalog = std::move(catalog),
                   .applied = applied,
                   .view = tenant->pin(index_.clock().system())};
}

// Asks the database for the newest observations that the index has not seen.
query::Answer<void> IndexReader::add_newest(TenantId tenant, const View& view,
                                            std::span<const Row> rows,
                                            std::span<query::Entity> entities) {
    std::vector<Observations::Wanted> wanted;
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const Newest newest = view.newest(rows[i]);
        if (!newest.unknown()) continue;
        wanted.push_back({.entity = view.id(rows[i]), .last_day = newest.day()});
        places.push_back(i);
    }
    if (wanted.empty()) return {};
    if (auto found = observations_.find(tenant, wanted); !found) return found;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        // The log shows a commit a moment before the database does.
        const auto newest = std::max(wanted[i].newest, view.newest(rows[places[i]]).seen());
        entities[places[i]].last_observed_at = newest;
        index_.learned(tenant, wanted[i].entity, wanted[i].last_day, newest);
    }
    return {};
}

query::Answer<query::EntityAnswer> IndexReader::get(const query::GetRequest& request) {
    query::GetRequest get = request;
    auto session = begin(get);
    if (!session) return failure(std::move(session.error()));
    if (wants_cold(get.shown)) return failure(not_held("cold attributes."));
    const View& view = session->view;
    const auto row = view.find(get.entity);
    if (!row) return failure(not_held("an entity of that name."));
    if ((view.flags(*row) & kEntityRetired) != 0) {
        return failure(query::entity_deleted(get.entity));
    }
    query::EntityAnswer answer{
        .entity = Projection(view, *session->catalog, get.shown.names).show(*row),
        .snapshot = session->snapshot()};
    const Row rows[] = {*row};
    if (auto added = add_newest(get.tenant, view, rows, {&answer.entity, 1}); !added) {
        return failure(std::move(added.error()));
    }
    return answer;
}

query::Answer<query::EntityPage> IndexReader::list(const query::ListRequest& request) {
    query::ListRequest list = request;
    auto session = begin(list);
    if (!session) return failure(std::move(session.error()));
    if (wants_cold(list.shown)) return failure(not_held("cold attributes."));
    const auto after = query::read_place(list);
    if (!after) return failure(after.error());
    const View& view = session->view;
    const bool all = list.filter.kind == query::Filter::Kind::everything;
    const auto condition = all ? nullptr : compile(list.filter, view);
    if (!all && !condition) return failure(not_held("numbers of so many digits."));

    TopRows top(view, list.order, static_cast<std::size_t>(list.page_size) + 1);
    if (*after && !top.begin_after(**after)) return failure(not_held("that place in a list."));
    std::int64_t matching = 0;
    scan(view, condition.get(), TopRows::best_scan(list.order),
         [&](const Block& block, Mask& mask, std::size_t left) {
             matching += static_cast<std::int64_t>(left);
             top.add(block, mask, left);
         });

    query::EntityPage page{.entities = {},
                           .next_page_token = {},
                           .total_size = std::nullopt,
                           .snapshot = session->snapshot()};
    if (list.count != query::Count::none) page.total_size = matching;
    std::vector<Row> rows = top.finish();
    if (rows.size() > static_cast<std::size_t>(list.page_size)) {
        rows.pop_back();
        page.next_page_token = query::page_token(list, top.place_of(rows.back()));
    }
    Projection projection(view, *session->catalog, list.shown.names);
    page.entities.reserve(rows.size());
    for (const Row row : rows) page.entities.push_back(projection.show(row));
    if (auto added = add_newest(list.tenant, view, rows, page.entities); !added) {
        return failure(std::move(added.error()));
    }
    return page;
}

query::Answer<query::FacetsAnswer> IndexReader::facets(const query::FacetsRequest& request) {
    query::FacetsRequest facets = request;
    auto session = begin(facets);
    if (!session) return failure(std::move(session.error()));
    const View& view = session->view;
    const bool all = facets.filter.kind == query::Filter::Kind::everything;
    const auto condition = all ? nullptr : compile(facets.filter, view);
    if (!all && !condition) return failure(not_held("numbers of so many digits."));

    std::vector<FacetCount> counts;
    counts.reserve(facets.attributes.size());
    for (const auto& attribute : facets.attributes) counts.emplace_back(view, attribute);
    query::FacetsAnswer answer{.facets = {}, .snapshot = session->snapshot()};
    scan(view, condition.get(), From::first,
         [&](const Block& block, const Mask& mask, std::size_t left) {
             answer.total_size += static_cast<std::int64_t>(left);
             for (FacetCount& count : counts) count.add(block, mask);
         });
    for (FacetCount& count : counts) {
        answer.facets.push_back(
            count.finish(static_cast<std::size_t>(facets.limit), answer.total_size));
    }
    return answer;
}

query::Answer<query::SeriesPage> IndexReader::series(const query::SeriesRequest&) {
    return failure(not_held("history."));
}

}  // namespace atlas::index
