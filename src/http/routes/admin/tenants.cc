// SPDX-License-Identifier: Apache-2.0
#include "http/routes/admin/tenants.h"

#include <fmt/format.h>

#include "base/json_writer.h"
#include "catalog/tenant_repository.h"
#include "http/routes/database_problem.h"
#include "http/routes/paging.h"
#include "http/server/json_body.h"

namespace atlas::http {
namespace {

using model::Tenant;

void write_tenant(JsonWriter& json, const Tenant& tenant) {
    json.begin_object().key("name").value(tenant.name);
    json.key("created_at").value(tenant.created_at);
    json.key("is_active").value(tenant.active).end_object();
}

Response list(pg::Pool& pool, AuthMode mode, const Request& request) {
    const auto page = read_page(request, "tenants");
    if (!page) return page.error();
    const bool all = mode == AuthMode::off || request.tenant == kSystemTenant;
    auto connection = pool.acquire();
    if (!connection) return problem(connection.error(), request);
    auto tenants = catalog::list_tenants(**connection, page->after, page->size + 1,
                                         all ? std::nullopt : std::optional(request.tenant));
    if (!tenants) return problem(tenants.error(), request);
    std::string next;
    if (tenants->size() > static_cast<std::size_t>(page->size)) {
        tenants->pop_back();
        next = make_page_token(request, "tenants", tenants->back().name);
    }
    Response response;
    JsonWriter json(response.body);
    json.begin_object().key("tenants").begin_array();
    for (const Tenant& tenant : *tenants) write_tenant(json, tenant);
    json.end_array().key("next_page_token").value(next).end_object();
    return response;
}

Response create(pg::Pool& pool, const Request& request) {
    if (request.tenant != kSystemTenant) {
        return problem("system_tenant_required", 403, "System tenant required",
                       "Creating a tenant requires an admin token of the tenant system.");
    }
    JsonBody body(request, {"name"});
    const std::string name = body.text("name").value_or("");
    if (const char* fault = model::tenant_name_fault(name)) body.refuse("name", fault);
    if (body.refusal()) return *body.refusal();
    auto connection = pool.acquire();
    if (!connection) return problem(connection.error(), request);
    const auto tenant = catalog::create_tenant(**connection, name);
    if (!tenant) return problem(tenant.error(), request);
    if (!*tenant) {
        return problem("tenant_exists", 409, "Tenant exists",
                       fmt::format("A tenant named {} already exists.", name));
    }
    Response response{.status = 201};
    JsonWriter json(response.body);
    write_tenant(json, **tenant);
    return response;
}

}  // namespace

std::vector<Route> tenant_routes(pg::Pool& pool, AuthMode mode) {
    return {
        {.method = "GET",
         .pattern = "/v1/tenants",
         .scope = Scope::read,
         .parameters = {"page_size", "page_token"},
         .handler = [&pool, mode](const Request& request) { return list(pool, mode, request); }},
        {.method = "POST",
         .pattern = "/v1/tenants",
         .scope = Scope::admin,
         .parameters = {},
         .handler = [&pool](const Request& request) { return create(pool, request); }},
    };
}

}  // namespace atlas::http
