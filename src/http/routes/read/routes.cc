// SPDX-License-Identifier: Apache-2.0
#include "http/routes/read/routes.h"

#include <algorithm>
#include <iterator>

#include "http/routes/read/entities.h"
#include "http/routes/read/facets.h"
#include "http/routes/read/series.h"

namespace atlas::http {

std::vector<Route> read_routes(ReadContext& context) {
    std::vector<Route> routes = entity_read_routes(context);
    std::ranges::move(series_read_routes(context), std::back_inserter(routes));
    if (context.facets != nullptr) {
        std::ranges::move(facet_routes(context), std::back_inserter(routes));
    }
    return routes;
}

}  // namespace atlas::http
