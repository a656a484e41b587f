// SPDX-License-Identifier: Apache-2.0
#include "http/routes/ops/stream.h"

#include <fmt/format.h>

#include "base/json_writer.h"
#include "http/server/json_body.h"
#include "http/server/problem.h"

namespace atlas::http {
namespace {

Response rebuild_followers(AuthMode mode, const RebuildFollowers& rebuild, const Forward& forward,
                           const Request& request) {
    if (mode != AuthMode::off && request.tenant != kSystemTenant) {
        return problem("system_tenant_required", 403, "System tenant required",
                       "Rebuilding a follower requires an admin token of the tenant system.");
    }
    JsonBody body(request, {"follower"}, true);
    const std::string follower = body.text("follower").value_or("");
    if (body.refusal()) return *body.refusal();
    const auto names = rebuild(follower);
    if (names.empty()) {
        if (auto response = forward ? forward(request) : std::nullopt) return std::move(*response);
        return problem("follower_not_found", 404, "Follower not found",
                       follower.empty()
                           ? "Nothing follows the change stream in this process; ask the one with "
                             "the role analytics."
                           : fmt::format("No follower {} runs in this process; GET /v1/status "
                                         "lists its stages.",
                                         follower));
    }
    Response response{.status = 202};
    JsonWriter json(response.body);
    json.begin_object().key("followers").begin_array();
    for (const auto& name : names) json.value(name);
    json.end_array().end_object();
    return response;
}

}  // namespace

std::vector<Route> stream_routes(AuthMode mode, RebuildFollowers rebuild, Forward forward) {
    return {{.method = "POST",
             .pattern = "/v1/stream:rebuild",
             .scope = Scope::admin,
             .handler = [mode, rebuild = std::move(rebuild),
                         forward = std::move(forward)](const Request& request) {
                 return rebuild_followers(mode, rebuild, forward, request);
             }}};
}

}  // namespace atlas::http
