// SPDX-License-Identifier: Apache-2.0
#include "query/facets.h"

#include <fmt/format.h>

#include <algorithm>

namespace atlas::query {
namespace {

Answer<void> add(FacetsRequest& request, const std::string& name,
                 const model::TenantCatalog& catalog) {
    const model::Attribute* attribute = catalog.find(name);
    const auto refuse = [](Error error) -> Answer<void> {
        error.parameter = "attributes";
        return failure(std::move(error));
    };
    if (attribute == nullptr) return refuse(unknown_attribute(name));
    if (!attribute->hot) return refuse(attribute_not_hot(name));
    request.attributes.push_back({.name = name, .other_name = attribute->other_name(name)});
    return {};
}

}  // namespace

Answer<void> bind(FacetsRequest& request, const model::TenantCatalog& catalog) {
    if (auto bound = bind_filter(request.filter, catalog); !bound) return bound;
    request.attributes.clear();
    if (!request.names || request.names->everything) {
        for (const model::Attribute& attribute : catalog.all()) {
            if (!attribute.hot) continue;
            request.attributes.push_back(
                {.name = attribute.name, .other_name = attribute.other_name(attribute.name)});
        }
        std::ranges::sort(request.attributes, {}, &FacetsRequest::Attribute::name);
    } else {
        for (const std::string& name : request.names->names) {
            if (auto added = add(request, name, catalog); !added) return added;
        }
    }
    if (request.attributes.size() <= kMaxFacets) return {};
    return failure(parameter_error(
        "attributes",
        fmt::format("A request counts the values of at most {} attributes; this one has {}.",
                    kMaxFacets, request.attributes.size())));
}

}  // namespace atlas::query
