// SPDX-License-Identifier: Apache-2.0
//
// Tenants and tokens over HTTP: /v1/tenants, /v1/tokens, /v1/tokens/{id}.
#pragma once

#include <vector>

#include "http/server/auth.h"
#include "http/server/handler.h"
#include "pg/pool.h"

namespace atlas::http {

// With auth on, tenants are made and listed by tenant `system`; others see themselves alone. With
// auth off every client sees all, so that the page can offer them. The pool outlives the routes.
std::vector<Route> tenant_routes(pg::Pool& pool, AuthMode mode);
std::vector<Route> token_routes(pg::Pool& pool);

}  // namespace atlas::http
