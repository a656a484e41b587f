// SPDX-License-Identifier: Apache-2.0
//
// GET /v1/entities/{entity}/series and GET /v1/series.
//
// Threading  handlers run on any worker and block on the reader.
#pragma once

#include <vector>

#include "http/routes/read/reading.h"
#include "http/server/handler.h"

namespace atlas::http {

// The context outlives the routes.
std::vector<Route> series_read_routes(ReadContext& context);

}  // namespace atlas::http
