// SPDX-License-Identifier: Apache-2.0
//
// GET /v1/entities/{entity} and GET /v1/entities.
//
// Threading  handlers run on any worker and block on the reader.
#pragma once

#include <string>
#include <vector>

#include "http/routes/read/reading.h"

namespace atlas::http {

// The context outlives the routes.
std::vector<Route> entity_read_routes(ReadContext& context);

// The response of GET /v1/entities/{entity} with all hot attributes, for routes that change the
// entity: read strongly.
Response read_entity_strongly(ReadContext& context, const Request& request,
                              const std::string& entity);

}  // namespace atlas::http
