// SPDX-License-Identifier: Apache-2.0
//
// All routes that read telemetry:
//
//     pg::Pool pool(conninfo, query::read_session_settings(), limit);
//     route::Primary primary(pool);
//     route::Router router(primary);
//     http::ReadContext context(router, catalog);
//     … http::read_routes(context) …
#pragma once

#include <vector>

#include "http/routes/read/reading.h"
#include "http/server/handler.h"

namespace atlas::http {

// The context outlives the routes.
std::vector<Route> read_routes(ReadContext& context);

}  // namespace atlas::http
