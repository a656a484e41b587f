// SPDX-License-Identifier: Apache-2.0
//
// PUT and DELETE of /v1/entities/{entity}: registered, revived, given a type; retired.
#pragma once

#include <vector>

#include "catalog/catalog.h"
#include "http/server/handler.h"
#include "pg/pool.h"

namespace atlas::http {

// `read` is the handler of GET /v1/entities/{entity}: PUT answers with what it says about the
// entity, read strongly. The references outlive the routes.
std::vector<Route> entity_routes(pg::Pool& pool, catalog::Catalog& catalog, Handler read);

}  // namespace atlas::http
