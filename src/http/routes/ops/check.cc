// SPDX-License-Identifier: Apache-2.0
#include "http/routes/ops/check.h"

#include "base/json_writer.h"
#include "http/server/json_body.h"
#include "http/server/problem.h"

namespace atlas::http {
namespace {

std::optional<Response> forbidden(AuthMode mode, const Request& request) {
    if (mode == AuthMode::off || request.tenant == kSystemTenant) return std::nullopt;
    return problem("system_tenant_required", 403, "System tenant required",
                   "Checking the analytics store requires an admin token of the tenant system.");
}

std::optional<Response> elsewhere(const StoreChecks& checks, const Request& request) {
    return checks.forward && !checks.report() ? checks.forward(request) : std::nullopt;
}

Response no_store() {
    return problem("analytics_unavailable", 503, "Analytics unavailable",
                   "No process with the role analytics can be reached.");
}

void write(JsonWriter& json, std::string_view name, const StoreReport::Compared& compared) {
    json.key(name).begin_object();
    json.key("compared").value(compared.compared);
    json.key("missing").value(compared.missing);
    json.key("changed").value(compared.changed);
    json.key("extra").value(compared.extra);
    json.end_object();
}

Response to_response(const StoreReport& report, int status) {
    Response response{.status = status};
    JsonWriter json(response.body);
    const auto time = [&](std::string_view name, const std::optional<Time>& at) {
        json.key(name);
        if (at) {
            json.value(*at);
        } else {
            json.null();
        }
    };
    json.begin_object().key("state").value(report.state).key("repair").value(report.repair);
    time("began_at", report.began);
    time("ended_at", report.ended);
    json.key("days").value(report.days).key("days_done").value(report.days_done);
    write(json, "data_points", report.points);
    write(json, "rows", report.rows);
    json.key("repaired").value(report.repaired).key("undecided").value(report.undecided);
    json.key("detail").value(report.detail).end_object();
    return response;
}

Response begin_check(AuthMode mode, const StoreChecks& checks, const Request& request) {
    if (auto refused = forbidden(mode, request)) return *std::move(refused);
    if (auto response = elsewhere(checks, request)) return *std::move(response);
    JsonBody body(request, {"from", "to", "repair"}, true);
    const StoreCheck check{.from = body.time("from"),
                           .until = body.time("to"),
                           .repair = body.boolean("repair").value_or(true)};
    if (check.from && check.until && *check.from >= *check.until) {
        body.refuse("to", "It is not after `from`.");
    }
    if (body.refusal()) return *body.refusal();
    switch (checks.begin(check)) {
        case CheckStart::begun: break;
        case CheckStart::running:
            return problem("check_running", 409, "A check runs",
                           "Another check runs; GET /v1/stream:check shows how far it is.");
        case CheckStart::filling:
            return problem("analytics_unavailable", 503, "Analytics unavailable",
                           "The analytics store is being filled from the database; retry later.");
        case CheckStart::no_store: return no_store();
    }
    const auto report = checks.report();
    return report ? to_response(*report, 202) : no_store();
}

}  // namespace

std::vector<Route> check_routes(AuthMode mode, StoreChecks checks) {
    return {{.method = "POST",
             .pattern = "/v1/stream:check",
             .scope = Scope::admin,
             .handler = [mode, checks](
                            const Request& request) { return begin_check(mode, checks, request); }},
            {.method = "GET",
             .pattern = "/v1/stream:check",
             .scope = Scope::admin,
             .handler = [mode, checks](const Request& request) {
                 if (auto refused = forbidden(mode, request)) return *std::move(refused);
                 if (auto response = elsewhere(checks, request)) return *std::move(response);
                 const auto report = checks.report();
                 return report ? to_response(*report, 200) : no_store();
             }}};
}

}  // namespace atlas::http
