// SPDX-License-Identifier: Apache-2.0
//
// GET /v1/entities/{entity} and GET /v1/entities.
#pragma once

#include <vector>

#include "http/routes/read/reading.h"
#include "http/server/handler.h"

namespace atlas::http {

// The context outlives the routes.
std::vector<Route> entity_read_routes(ReadContext& context);

}  // namespace atlas::http
