// SPDX-License-Identifier: Apache-2.0
#include "query/requests.h"

#include <fmt/format.h>

namespace atlas::query {
namespace {

Answer<void> bind(Shown& shown, const model::TenantCatalog& catalog) {
    shown.cold.clear();
    if (!shown.names) return {};
    for (const std::string& name : shown.names->names) {
        const model::Attribute* attribute = catalog.find(name);
        if (attribute == nullptr) {
            Error error = unknown_attribute(name);
            error.parameter = "attributes";
            return failure(std::move(error));
        }
        if (!attribute->hot) shown.cold.push_back(*attribute);
    }
    if (shown.cold.size() <= kMaxColdAttributes || shown.names->everything) return {};
    return failure(parameter_error(
        "attributes",
        fmt::format("A request shows at most {} cold attributes by name; * shows all.",
                    kMaxColdAttributes)));
}

}  // namespace

Answer<void> bind(GetRequest& request, const model::TenantCatalog& catalog) {
    return bind(request.shown, catalog);
}

Answer<void> bind(ListRequest& request, const model::TenantCatalog& catalog) {
    if (auto bound = bind_filter(request.filter, catalog); !bound) return bound;
    if (auto bound = bind_order(request.order, catalog); !bound) return bound;
    return bind(request.shown, catalog);
}

}  // namespace atlas::query
