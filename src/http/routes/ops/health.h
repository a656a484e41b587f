// SPDX-License-Identifier: Apache-2.0
//
// The routes for monitoring, open to all: /healthz, /readyz, /metrics, /openapi.yaml.
//
// Threading  handlers do not block.
#pragma once

#include <vector>

#include "http/server/handler.h"
#include "http/server/readiness.h"
#include "observe/metrics.h"

namespace atlas::http {

// Both references outlive the routes.
std::vector<Route> health_routes(const Readiness& readiness, const observe::Registry& registry);

}  // namespace atlas::http
