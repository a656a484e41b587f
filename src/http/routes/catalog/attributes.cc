// SPDX-License-Identifier: Apache-2.0
#include "http/routes/catalog/attributes.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <utility>

#include "base/json_writer.h"
#include "catalog/attribute_change.h"
#include "catalog/attribute_repository.h"
#include "http/routes/catalog/attribute_changes.h"
#include "http/routes/database_problem.h"
#include "http/routes/paging.h"
#include "http/server/json_body.h"
#include "ingest/request/limits.h"

namespace atlas::http {
namespace {

using catalog::AttributeChange;
using catalog::AttributeWish;
using model::Attribute;
using Outcome = AttributeChange::Outcome;

constexpr std::size_t kMaxUnitBytes = 64;
constexpr std::size_t kMaxDescriptionBytes = 4096;

using Progress = std::map<std::string, double, std::less<>>;

// Asks the database only where an attribute has any.
pg::Expected<Progress> progress_of(pg::Connection& connection, const Request& request,
                                   std::span<const Attribute> attributes) {
    if (std::ranges::none_of(attributes, &Attribute::following)) return Progress{};
    return catalog::change_progress(connection, request.tenant);
}

void write_attribute(JsonWriter& json, const Attribute& attribute, const Progress& progress) {
    json.begin_object().key("name").value(attribute.name);
    json.key("type").value(to_string(attribute.type)).key("declared").value(attribute.declared);
    json.key("hot").value(attribute.hot).key("unit").value(attribute.unit);
    json.key("description").value(attribute.description);
    json.key("category").value(attribute.category);
    json.key("created_at").value(attribute.created_at);
    if (const auto of = progress.find(attribute.name); of != progress.end()) {
        json.key("progress").value(of->second);
    }
    json.end_object();
}

Response list(pg::Pool& pool, const Request& request) {
    const std::string* prefix = request.query_value("prefix");
    const std::string* hot = request.query_value("hot");
    if (hot != nullptr && *hot != "true" && *hot != "false") {
        return invalid_parameter("hot", "hot must be true or false.");
    }
    const std::string scope = fmt::format("attributes {} {}", hot == nullptr ? "any" : *hot,
                                          prefix == nullptr ? "" : *prefix);
    const auto page = read_page(request, scope);
    if (!page) return page.error();
    auto connection = pool.acquire();
    if (!connection) return problem(connection.error(), request);
    auto found = catalog::list_attributes(
        **connection, request.tenant,
        {.after = page->after,
         .prefix = prefix == nullptr ? std::string_view() : *prefix,
         .hot = hot == nullptr ? std::nullopt : std::optional(*hot == "true"),
         .limit = page->size + 1});
    if (!found) return problem(found.error(), request);
    std::string next;
    if (found->size() > static_cast<std::size_t>(page->size)) {
        found->pop_back();
        next = make_page_token(request, scope, found->back().name);
    }
    const auto progress = progress_of(**connection, request, *found);
    if (!progress) return problem(progress.error(), request);
    Response response;
    JsonWriter json(response.body);
    json.begin_object().key("attributes").begin_array();
    for (const Attribute& attribute : *found) write_attribute(json, attribute, *progress);
    json.end_array().key("next_page_token").value(next).end_object();
    return response;
}

std::optional<std::string> read_short_text(JsonBody& body, std::string_view name,
                                           std::size_t limit) {
    if (body.is_null(name)) return "";
    auto text = body.text(name);
    if (text && text->size() > limit) {
        body.refuse(name, fmt::format("{} exceeds {} bytes.", name, limit));
    }
    if (text && text->find('\0') != std::string::npos) {
        body.refuse(name, fmt::format("{} must not contain U+0000.", name));
    }
    return text;
}

// null takes it back to the default.
std::optional<std::string> read_category(JsonBody& body) {
    if (body.is_null("category")) return std::string(model::kUncategorized);
    auto category = body.text("category");
    const char* fault = category ? ingest::category_fault(*category) : nullptr;
    if (fault != nullptr) body.refuse("category", fault);
    return category;
}

// PUT replaces everything, so what it omits becomes empty; PATCH changes what it names, and null
// makes empty (RFC 7396). A type and a hot flag cannot be empty.
AttributeWish read_wish(JsonBody& body, bool is_put) {
    AttributeWish wish;
    wish.create = is_put;
    for (const std::string_view name : {"type", "hot"}) {
        if (body.is_null(name)) body.refuse(name, fmt::format("{} cannot be null.", name));
    }
    if (const auto word = body.text("type")) {
        wish.type = model::parse_type(*word);
        if (!wish.type) {
            body.refuse("type",
                        "type must be int, double, decimal, bool, string, timestamp or json.");
        }
    } else if (is_put) {
        body.refuse("type", "type is required.");
    }
    wish.hot = body.boolean("hot");
    wish.unit = read_short_text(body, "unit", kMaxUnitBytes);
    wish.description = read_short_text(body, "description", kMaxDescriptionBytes);
    wish.category = read_category(body);
    if (is_put) {
        wish.unit = wish.unit.value_or("");
        wish.description = wish.description.value_or("");
        wish.category = wish.category.value_or(std::string(model::kUncategorized));
    }
    return wish;
}

Response refused(const AttributeChange& change, const std::string& name) {
    switch (change.outcome) {
        case Outcome::type_in_use:
            return problem("type_in_use", 409, "Type in use",
                           fmt::format("{} already has values of type {}; PATCH with this type, "
                                       "or `atlas attributes retype`, converts them.",
                                       name, to_string(change.attribute.type)));
        case Outcome::needs_backfill:
            return problem("needs_backfill", 409, "Needs backfill",
                           fmt::format("{} already has values, and they are not filled in from "
                                       "history; declare an attribute hot before its first value.",
                                       name));
        case Outcome::hot_limit:
            return problem("hot_limit", 409, "Hot limit",
                           fmt::format("Hot-attribute limit ({}) reached; make another attribute "
                                       "cold first.",
                                       change.limit));
        case Outcome::attribute_limit:
            return problem("attribute_limit", 409, "Attribute limit",
                           fmt::format("Attribute limit ({}) reached.", change.limit));
        case Outcome::not_found:
        case Outcome::created:
        case Outcome::changed: break;
    }
    return attribute_not_found(name);
}

// The retype that the wish needs, which then goes without its type.
std::optional<AttributeEdit> take_retype(pg::Connection& connection, const Request& request,
                                         AttributeWish& wish, std::optional<Response>& failed) {
    if (request.method == "PUT" || !wish.type) return std::nullopt;
    const auto known = catalog::find_attribute(connection, request.tenant, request.segments.at(0));
    if (!known) failed = problem(known.error(), request);
    if (!known || !*known || !(*known)->in_use || catalog::fits(**known, *wish.type)) {
        return std::nullopt;
    }
    return AttributeEdit{.type = *std::exchange(wish.type, std::nullopt)};
}

// The rename that the body asks for, alone.
std::optional<AttributeEdit> read_rename(JsonBody& body, const AttributeWish& wish) {
    if (body.is_null("name")) body.refuse("name", "name cannot be null.");
    auto name = body.text("name");
    if (!name) return std::nullopt;
    if (const char* fault = ingest::attribute_name_fault(*name)) body.refuse("name", fault);
    if (wish.type || wish.hot || wish.unit || wish.description || wish.category) {
        body.refuse("name", "name must be the only field; make other changes in another request.");
    }
    return AttributeEdit{.kind = AttributeEdit::Kind::rename, .new_name = std::move(*name)};
}

Response shown(pg::Connection& connection, const Request& request, const Attribute& attribute,
               int status) {
    const auto progress = progress_of(connection, request, std::span(&attribute, 1));
    if (!progress) return problem(progress.error(), request);
    Response response{.status = status};
    JsonWriter json(response.body);
    write_attribute(json, attribute, *progress);
    return response;
}

Response show(pg::Connection& connection, const Request& request, const std::string& name) {
    const auto attribute = catalog::find_attribute(connection, request.tenant, name);
    if (!attribute) return problem(attribute.error(), request);
    if (!*attribute) return attribute_not_found(name);
    return shown(connection, request, **attribute, 200);
}

Response dry_run(pg::Connection& connection, const Request& request, const AttributeWish& wish,
                 const std::optional<AttributeEdit>& rename) {
    if (rename) return count_values(connection, request, *rename);
    if (wish.type) return count_values(connection, request, {.type = *wish.type});
    return invalid_parameter("dry_run", "dry_run requires a new type or name in the body.");
}

Response change(pg::Connection& connection, catalog::Catalog& catalog, const Request& request,
                const AttributeWish& wish) {
    const std::string& name = request.segments.at(0);
    const auto changed = catalog::change_attribute(connection, request.tenant, name, wish);
    if (!changed) return problem(changed.error(), request);
    const bool created = changed->outcome == Outcome::created;
    if (!created && changed->outcome != Outcome::changed) return refused(*changed, name);
    catalog.forget(request.tenant);
    return shown(connection, request, changed->attribute, created ? 201 : 200);
}

Response put(pg::Pool& pool, catalog::Catalog& catalog, const Request& request) {
    const std::string& name = request.segments.at(0);
    if (const char* fault = ingest::attribute_name_fault(name)) {
        return problem("invalid_attribute_name", 400, "Invalid attribute name", fault);
    }
    JsonBody body(request, {"type", "unit", "hot", "description", "category"});
    const AttributeWish wish = read_wish(body, true);
    if (body.refusal()) return *body.refusal();
    auto connection = pool.acquire();
    if (!connection) return problem(connection.error(), request);
    return change(**connection, catalog, request, wish);
}

Response patch(pg::Pool& pool, catalog::Catalog& catalog, const Request& request) {
    const std::string& name = request.segments.at(0);
    JsonBody body(request, {"type", "unit", "hot", "description", "category", "name"});
    AttributeWish wish = read_wish(body, false);
    const auto rename = read_rename(body, wish);
    if (body.refusal()) return *body.refusal();
    std::optional<Response> failed;
    const bool only_count = is_dry_run(request, failed);
    if (failed) return *failed;
    auto connection = pool.acquire();
    if (!connection) return problem(connection.error(), request);
    if (only_count) return dry_run(**connection, request, wish, rename);
    const auto edit = rename ? rename : take_retype(**connection, request, wish, failed);
    if (failed) return *failed;
    if (!edit || wish.hot || wish.unit || wish.description || wish.category) {
        Response response = change(**connection, catalog, request, wish);
        if (!edit || response.status >= 400) return response;
    }
    failed = edit_attribute(**connection, catalog, request, *edit);
    return failed ? *failed : show(**connection, request, rename ? rename->new_name : name);
}

Response drop(pg::Pool& pool, catalog::Catalog& catalog, const Request& request) {
    const AttributeEdit edit{.kind = AttributeEdit::Kind::drop};
    std::optional<Response> failed;
    const bool only_count = is_dry_run(request, failed);
    if (failed) return *failed;
    auto connection = pool.acquire();
    if (!connection) return problem(connection.error(), request);
    if (only_count) return count_values(**connection, request, edit);
    failed = edit_attribute(**connection, catalog, request, edit);
    return failed ? *failed : Response{.status = 204};
}

}  // namespace

std::vector<Route> attribute_routes(pg::Pool& pool, catalog::Catalog& catalog) {
    return {
        {.method = "GET",
         .pattern = "/v1/attributes",
         .scope = Scope::read,
         .parameters = {"prefix", "hot", "page_size", "page_token"},
         .handler = [&pool](const Request& request) { return list(pool, request); }},
        {.method = "PUT",
         .pattern = "/v1/attributes/{name}",
         .scope = Scope::admin,
         .parameters = {},
         .handler = [&pool,
                     &catalog](const Request& request) { return put(pool, catalog, request); }},
        {.method = "PATCH",
         .pattern = "/v1/attributes/{name}",
         .scope = Scope::admin,
         .parameters = {"dry_run"},
         .handler = [&pool,
                     &catalog](const Request& request) { return patch(pool, catalog, request); }},
        {.method = "DELETE",
         .pattern = "/v1/attributes/{name}",
         .scope = Scope::admin,
         .parameters = {"dry_run"},
         .handler = [&pool,
                     &catalog](const Request& request) { return drop(pool, catalog, request); }},
    };
}

}  // namespace atlas::http
