// SPDX-License-Identifier: Apache-2.0
#include "http/read_routes.h"

#include <algorithm>
#include <iterator>

#include "http/read_entities.h"
#include "http/read_series.h"

namespace atlas::http {

std::vector<Route> read_routes(ReadContext& context) {
    std::vector<Route> routes = entity_read_routes(context);
    std::ranges::move(series_read_routes(context), std::back_inserter(routes));
    return routes;
}

}  // namespace atlas::http
