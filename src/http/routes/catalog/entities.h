// SPDX-License-Identifier: Apache-2.0
//
// PUT and DELETE of /v1/entities/{entity}: registered, revived, given a type; retired.
//
// Threading  handlers block on a session of the pool.
#pragma once

#include <vector>

#include "catalog/catalog.h"
#include "http/routes/read/reading.h"
#include "http/server/handler.h"
#include "pg/pool.h"

namespace atlas::http {

// PUT responds with the entity as `reads` has it, read strongly. The references outlive the routes.
std::vector<Route> entity_routes(pg::Pool& pool, catalog::Catalog& catalog, ReadContext& reads);

}  // namespace atlas::http
