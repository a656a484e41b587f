// SPDX-License-Identifier: Apache-2.0
//
// All routes that read telemetry, from the reader of the context.
//
// Threading  handlers run on any worker and block on the reader.
#pragma once

#include <vector>

#include "http/routes/read/reading.h"
#include "http/server/handler.h"

namespace atlas::http {

// The context outlives the routes.
std::vector<Route> read_routes(ReadContext& context);

}  // namespace atlas::http
