// SPDX-License-Identifier: Apache-2.0
//
// The catalog over HTTP: GET /v1/attributes, PUT, PATCH and DELETE
// /v1/attributes/{name}.
//
// Threading  handlers block on a session of the pool.
#pragma once

#include <vector>

#include "catalog/catalog.h"
#include "http/server/handler.h"
#include "pg/pool.h"

namespace atlas::http {

// The references outlive the routes.
std::vector<Route> attribute_routes(pg::Pool& pool, catalog::Catalog& catalog);

}  // namespace atlas::http
