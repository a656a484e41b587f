// SPDX-License-Identifier: Apache-2.0
//
// All routes that read telemetry, from whatever reader the context names.
#pragma once

#include <vector>

#include "http/routes/read/reading.h"
#include "http/server/handler.h"

namespace atlas::http {

// The context outlives the routes.
std::vector<Route> read_routes(ReadContext& context);

}  // namespace atlas::http
