// SPDX-License-Identifier: Apache-2.0
//
// Tenants and tokens over HTTP: /v1/tenants, /v1/tokens, /v1/tokens/{id}.
//
// Threading  handlers block on a session of the pool.
#pragma once

#include <vector>

#include "http/server/auth.h"
#include "http/server/handler.h"
#include "pg/pool.h"

namespace atlas::http {

// With auth on, tenant `system` creates and lists tenants; others see only themselves. With
// auth off every client sees all, so that the page can offer them. The pool outlives the routes.
std::vector<Route> tenant_routes(pg::Pool& pool, AuthMode mode);
std::vector<Route> token_routes(pg::Pool& pool);

}  // namespace atlas::http
