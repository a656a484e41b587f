// SPDX-License-Identifier: Apache-2.0
#include "query/series_request.h"

#include <fmt/format.h>

namespace atlas::query {
namespace {

Answer<void> check_aggregates(const SeriesRequest& request, const model::Attribute& attribute) {
    for (const Aggregate aggregate : request.aggregates) {
        if (applies(aggregate, attribute.type)) continue;
        return failure(parameter_error(
            "agg",
            fmt::format("{} is a {}, which has no {}: use count, first or last, or read the "
                        "raw series.",
                        attribute.name, model::to_string(attribute.type), to_string(aggregate))));
    }
    return {};
}

Answer<void> bind_attributes(SeriesRequest& request, const model::TenantCatalog& catalog) {
    request.everything = request.names.everything;
    request.attributes.clear();
    if (request.everything) {
        request.attributes.assign(catalog.all().begin(), catalog.all().end());
        return {};
    }
    for (const std::string& name : request.names.names) {
        const model::Attribute* attribute = catalog.find(name);
        if (attribute == nullptr) {
            Error error = unknown_attribute(name);
            error.parameter = "attributes";
            return failure(std::move(error));
        }
        if (auto good = check_aggregates(request, *attribute); !good) return good;
        request.attributes.push_back(*attribute);
    }
    return {};
}

}  // namespace

Answer<void> bind(SeriesRequest& request, const model::TenantCatalog& catalog) {
    if (auto bound = bind_attributes(request, catalog); !bound) return bound;
    if (request.entity) return {};
    return bind_filter(request.filter, catalog);
}

std::vector<Aggregate> aggregates_of(const SeriesRequest& request, model::Type type) {
    std::vector<Aggregate> chosen;
    for (const Aggregate aggregate : request.aggregates) {
        if (applies(aggregate, type)) chosen.push_back(aggregate);
    }
    if (!request.aggregates.empty()) return chosen;
    return {applies(Aggregate::avg, type) ? Aggregate::avg : Aggregate::last};
}

Bucket bucket_of(const SeriesRequest& request, Time at) {
    if (!request.step) return {.start = request.from, .end = Time::max()};
    return request.step->bucket(at);
}

}  // namespace atlas::query
