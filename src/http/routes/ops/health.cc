// SPDX-License-Identifier: Apache-2.0
#include "http/routes/ops/health.h"

#include "assets/docs.h"
#include "base/json_writer.h"

namespace atlas::http {
namespace {

// Responds at once, on the io thread: a probe must not wait for a slow database.
Route quick(std::string pattern, std::function<Response()> answer) {
    return {.method = "GET",
            .pattern = std::move(pattern),
            .scope = Scope::none,
            .parameters = {"*"},
            .async_handler = [answer = std::move(answer)](
                                 Request&&, const std::function<void(Response)>& respond) {
                respond(answer());
            }};
}

Response readyz(const Readiness& readiness) {
    const auto reasons = readiness.reasons();
    Response response{.status = reasons.empty() ? 200 : 503};
    JsonWriter json(response.body);
    json.begin_object().key("status").value(reasons.empty() ? "ready" : "not ready");
    json.key("reasons").begin_array();
    for (const auto& reason : reasons) json.value(reason);
    json.end_array().end_object();
    return response;
}

}  // namespace

std::vector<Route> health_routes(const Readiness& readiness, const observe::Registry& registry) {
    return {
        quick("/healthz", [] { return Response{.body = R"({"status":"alive"})"}; }),
        quick("/readyz", [&readiness] { return readyz(readiness); }),
        quick("/metrics",
              [&registry] {
                  return Response{.content_type = std::string(observe::Registry::kContentType),
                                  .body = registry.render()};
              }),
        quick("/openapi.yaml",
              [] {
                  return Response{.content_type = "application/yaml",
                                  .body = std::string(docs::openapi())};
              }),
    };
}

}  // namespace atlas::http
