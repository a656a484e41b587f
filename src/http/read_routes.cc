// SPDX-License-Identifier: Apache-2.0
#include "http/read_routes.h"

#include <iterator>

#include "http/read_entities.h"

namespace atlas::http {

std::vector<Route> read_routes(ReadContext& context) {
    return entity_read_routes(context);
}

}  // namespace atlas::http
