// SPDX-License-Identifier: Apache-2.0
//
// POST /v1/analytics/query, /sql, /queries/{name}, /export, and GET /v1/analytics/queries.
//
//     Request → Reading: demand → query::Analytics → JSON, or another format → Response
//
// The tenant is that of the token. What the request demands of freshness is for the Analytics to
// meet or refuse, see route/analytics_route.h.
//
// Lifetime   the context outlives the routes and the streams of their responses.
// Threading  handlers run on any worker and block on the store; a client that goes away cancels
//            its query.
#pragma once

#include <vector>

#include "http/routes/read/reading.h"
#include "http/server/handler.h"
#include "query/analytics.h"

namespace atlas::http {

struct AnalyticsContext {
    ReadContext& reading;
    query::Analytics* analytics = nullptr;  // none: 503 analytics_unavailable
    Forward forward = {};  // to the process that has the store, where this one has none
};

std::vector<Route> analytics_routes(AnalyticsContext& context);

}  // namespace atlas::http
