// SPDX-License-Identifier: Apache-2.0
#include "http/routes/recent_writes.h"

#include <algorithm>
#include <utility>

#include "query/consistency_token.h"

namespace atlas::http {
namespace {

std::optional<LogPosition> position_of(const Response& response) {
    for (const auto& [name, value] : response.headers) {
        if (name != "X-Consistency-Token") continue;
        const auto token = query::decode_consistency_token(value);
        if (token) return token->position;
    }
    return std::nullopt;
}

bool is_acknowledged(const Response& response) {
    return response.status >= 200 && response.status < 300;
}

}  // namespace

void RecentWrites::note(TenantId tenant, LogPosition position) {
    const std::scoped_lock lock(mutex_);
    Newest& newest = newest_[tenant];
    newest = {.position = std::max(newest.position, position),
              .noted = std::chrono::steady_clock::now()};
}

std::optional<LogPosition> RecentWrites::newest(TenantId tenant) const {
    const std::scoped_lock lock(mutex_);
    const auto found = newest_.find(tenant);
    if (found == newest_.end()) return std::nullopt;
    if (std::chrono::steady_clock::now() - found->second.noted > kRecent) return std::nullopt;
    return found->second.position;
}

std::vector<Route> note_writes(std::vector<Route> routes, RecentWrites& writes, EndOfLog end) {
    for (Route& route : routes) {
        if (route.method == "GET" || route.method == "HEAD") continue;
        if (route.handler) {
            route.handler = [handler = std::move(route.handler), &writes,
                             end](const Request& request) {
                Response response = handler(request);
                if (!is_acknowledged(response)) return response;
                auto position = position_of(response);
                if (!position) position = end();
                if (position) writes.note(request.tenant, *position);
                return response;
            };
        }
        if (!route.async_handler) continue;
        route.async_handler = [handler = std::move(route.async_handler), &writes](
                                  Request&& request, std::function<void(Response)> respond) {
            const TenantId tenant = request.tenant;
            handler(std::move(request),
                    [&writes, tenant, respond = std::move(respond)](Response response) {
                        // A dry run has none, and nothing to be seen.
                        const auto position = position_of(response);
                        if (position) writes.note(tenant, *position);
                        respond(std::move(response));
                    });
        };
    }
    return routes;
}

}  // namespace atlas::http
