// SPDX-License-Identifier: Apache-2.0
#include "http/routes/catalog/attribute_changes.h"

#include <fmt/format.h>

#include "base/json_writer.h"
#include "catalog/attribute_change.h"
#include "catalog/attribute_repository.h"
#include "http/routes/database_problem.h"

namespace atlas::http {
namespace {

using catalog::ChangeOutcome;
using Kind = AttributeEdit::Kind;

pg::Expected<ChangeOutcome> run(pg::Connection& connection, const Request& request,
                                const AttributeEdit& edit) {
    const std::string& name = request.segments.at(0);
    switch (edit.kind) {
        case Kind::retype:
            return catalog::retype_attribute(connection, request.tenant, name, edit.type);
        case Kind::rename:
            return catalog::rename_attribute(connection, request.tenant, name, edit.new_name);
        case Kind::drop: break;
    }
    return catalog::drop_attribute(connection, request.tenant, name);
}

// Lets the current state follow. A failure is no failure of the change, which is committed: the job
// carries out what is left.
void follow(pg::Connection& connection, TenantId tenant) {
    const auto end = std::chrono::steady_clock::now() + kLongestFollow;
    while (std::chrono::steady_clock::now() < end) {
        const auto left = catalog::continue_changes(connection, tenant);
        if (!left || !*left) return;
    }
}

Response name_in_use(const std::string& name) {
    return problem("attribute_exists", 409, "Attribute exists",
                   fmt::format("There is an attribute {} already; drop or rename it first.", name));
}

}  // namespace

std::optional<Response> edit_attribute(pg::Connection& connection, catalog::Catalog& catalog,
                                       const Request& request, const AttributeEdit& edit) {
    const auto outcome = run(connection, request, edit);
    if (!outcome) return problem(outcome.error(), request);
    switch (*outcome) {
        case ChangeOutcome::not_found: return attribute_not_found(request.segments.at(0));
        case ChangeOutcome::name_in_use: return name_in_use(edit.new_name);
        case ChangeOutcome::changing:
            return problem("attribute_changing", 409, "Attribute changing",
                           fmt::format("An earlier change of {} is still being carried out; retry "
                                       "later.",
                                       request.segments.at(0)));
        case ChangeOutcome::done: break;
    }
    catalog.forget(request.tenant);
    follow(connection, request.tenant);
    catalog.forget(request.tenant);
    return std::nullopt;
}

Response count_values(pg::Connection& connection, const Request& request,
                      const AttributeEdit& edit) {
    const std::string& name = request.segments.at(0);
    const auto known = catalog::find_attribute(connection, request.tenant, name);
    if (!known) return problem(known.error(), request);
    if (!*known) return attribute_not_found(name);
    if (edit.kind == Kind::rename) {
        const auto other = catalog::find_attribute(connection, request.tenant, edit.new_name);
        if (!other) return problem(other.error(), request);
        if (*other) return name_in_use(edit.new_name);
    }
    const auto count =
        catalog::count_values(connection, request.tenant, name,
                              edit.kind == Kind::retype ? std::optional(edit.type) : std::nullopt);
    if (!count) return problem(count.error(), request);
    Response response;
    JsonWriter json(response.body);
    json.begin_object().key("name").value(name).key("points").value(count->stored);
    json.key("not_convertible")
        .value(edit.kind == Kind::drop ? count->stored : count->lost)
        .end_object();
    return response;
}

bool is_dry_run(const Request& request, std::optional<Response>& refused) {
    const std::string* dry_run = request.query_value("dry_run");
    if (dry_run == nullptr || *dry_run == "false") return false;
    if (*dry_run != "true") {
        refused = invalid_parameter("dry_run", "dry_run must be true or false.");
    }
    return true;
}

Response attribute_not_found(const std::string& name) {
    return problem("attribute_not_found", 404, "Attribute not found",
                   fmt::format("There is no attribute {}; PUT declares it.", name));
}

}  // namespace atlas::http
