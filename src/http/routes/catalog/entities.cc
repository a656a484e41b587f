// SPDX-License-Identifier: Apache-2.0
#include "http/routes/catalog/entities.h"

#include <fmt/format.h>

#include "base/json_writer.h"
#include "catalog/entity_repository.h"
#include "http/routes/database_problem.h"
#include "http/routes/read/entities.h"
#include "http/server/json_body.h"
#include "ingest/request/limits.h"

namespace atlas::http {
namespace {

using catalog::EntityChange;
using Outcome = EntityChange::Outcome;

std::optional<Response> check_id(const std::string& id) {
    const char* fault = ingest::entity_fault(id);
    if (fault == nullptr) return std::nullopt;
    return problem("invalid_entity", 400, "Invalid entity", fault);
}

Response refused(Outcome outcome, const std::string& id) {
    switch (outcome) {
        case Outcome::entity_limit:
            return problem("entity_limit", 409, "Entity limit",
                           "The tenant's entity limit is reached; retire entities first.");
        case Outcome::already_retired:
            return problem("entity_deleted", 404, "Entity retired",
                           fmt::format("{} is retired; PUT revives it.", id));
        case Outcome::not_found:
        case Outcome::created:
        case Outcome::changed:
        case Outcome::retired: break;
    }
    return problem("entity_not_found", 404, "Entity not found",
                   fmt::format("There is no entity {}.", id));
}

Response put(pg::Pool& pool, catalog::Catalog& catalog, ReadContext& reads,
             const Request& request) {
    const std::string& id = request.segments.at(0);
    if (auto refusal = check_id(id)) return *refusal;
    JsonBody body(request, {"type"}, true);
    const auto type = body.text("type");
    if (type && (type->empty() || type->size() > ingest::kMaxTypeBytes ||
                 ingest::has_control_character(*type))) {
        body.refuse("type", fmt::format("type must have 1 to {} bytes and no control characters.",
                                        ingest::kMaxTypeBytes));
    }
    if (body.refusal()) return *body.refusal();

    EntityChange change;
    {
        auto connection = pool.acquire();
        if (!connection) return problem(connection.error(), request);
        auto done = catalog::put_entity(**connection, request.tenant, id, type);
        if (!done) return problem(done.error(), request);
        change = *done;
    }
    if (change.outcome == Outcome::entity_limit) return refused(change.outcome, id);
    catalog.forget(request.tenant);

    Response response = read_entity_strongly(reads, request, id);
    if (response.status == 200 && change.outcome == Outcome::created) response.status = 201;
    return response;
}

Response retire(pg::Pool& pool, catalog::Catalog& catalog, query::TokenDesk& tokens,
                const Request& request) {
    const std::string& id = request.segments.at(0);
    if (auto refusal = check_id(id)) return *refusal;
    auto connection = pool.acquire();
    if (!connection) return problem(connection.error(), request);
    const auto change = catalog::retire_entity(**connection, request.tenant, id);
    if (!change) return problem(change.error(), request);
    if (change->outcome != Outcome::retired) return refused(change->outcome, id);
    catalog.forget(request.tenant);
    Response response{.status = 204};
    response.headers.emplace_back("X-Consistency-Token", tokens.issue(change->position));
    return response;
}

}  // namespace

std::vector<Route> entity_routes(pg::Pool& pool, catalog::Catalog& catalog, ReadContext& reads) {
    return {
        {.method = "PUT",
         .pattern = "/v1/entities/{entity}",
         .scope = Scope::write,
         .parameters = {},
         .handler = [&pool, &catalog, &reads](
                        const Request& request) { return put(pool, catalog, reads, request); }},
        {.method = "DELETE",
         .pattern = "/v1/entities/{entity}",
         .scope = Scope::write,
         .parameters = {},
         .handler =
             [&pool, &catalog, &reads](const Request& request) {
                 return retire(pool, catalog, reads.tokens, request);
             }},
    };
}

}  // namespace atlas::http
