// SPDX-License-Identifier: Apache-2.0
//
// GET /v1/entities:facets.
//
// Threading  handlers run on any worker and block on the reader.
#pragma once

#include <vector>

#include "http/routes/read/reading.h"

namespace atlas::http {

// The context outlives the routes and has a FacetReader.
std::vector<Route> facet_routes(ReadContext& context);

}  // namespace atlas::http
