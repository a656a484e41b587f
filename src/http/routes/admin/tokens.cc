// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <charconv>

#include "base/json_writer.h"
#include "catalog/token_repository.h"
#include "http/routes/admin/tenants.h"
#include "http/routes/database_problem.h"
#include "http/routes/paging.h"
#include "http/server/auth.h"
#include "http/server/json_body.h"

namespace atlas::http {
namespace {

using model::Token;

constexpr std::size_t kMaxNameBytes = 255;

// Leaves the object open, for the secret of a new one.
void write_token(JsonWriter& json, const Token& token) {
    json.begin_object().key("id").value(std::to_string(token.id)).key("name").value(token.name);
    json.key("scopes").begin_array();
    for (const auto& scope : token.scopes) json.value(scope);
    json.end_array().key("created_at").value(token.created_at).key("expires_at");
    token.expires_at ? json.value(*token.expires_at) : json.null();
}

std::optional<std::int64_t> parse_id(std::string_view text) {
    std::int64_t id = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
    if (error != std::errc{} || end != text.data() + text.size() || id < 0) return std::nullopt;
    return id;
}

Response list(pg::Pool& pool, const Request& request) {
    const auto page = read_page(request, "tokens");
    if (!page) return page.error();
    auto connection = pool.acquire();
    if (!connection) return problem(connection.error(), request);
    auto tokens = catalog::list_tokens(**connection, request.tenant,
                                       parse_id(page->after).value_or(0), page->size + 1);
    if (!tokens) return problem(tokens.error(), request);
    std::string next;
    if (tokens->size() > static_cast<std::size_t>(page->size)) {
        tokens->pop_back();
        next = make_page_token(request, "tokens", std::to_string(tokens->back().id));
    }
    Response response;
    JsonWriter json(response.body);
    json.begin_object().key("tokens").begin_array();
    for (const Token& token : *tokens) {
        write_token(json, token);
        json.end_object();
    }
    json.end_array().key("next_page_token").value(next).end_object();
    return response;
}

struct Wish {
    std::string name;
    std::vector<std::string> scopes;
    std::optional<Time> expires_at;
};

Wish read_wish(JsonBody& body, Time now) {
    Wish wish{.name = body.text("name").value_or(""),
              .scopes = body.texts("scopes").value_or(std::vector<std::string>{}),
              .expires_at = std::nullopt};
    if (wish.name.empty() || wish.name.size() > kMaxNameBytes ||
        wish.name.find('\0') != std::string::npos) {
        body.refuse("name", "name must have 1 to 255 bytes.");
    }
    if (wish.scopes.empty())
        body.refuse("scopes", "scopes must contain at least one of read, write, admin.");
    for (const auto& scope : wish.scopes) {
        if (!parse_scope(scope)) body.refuse("scopes", "Each scope must be read, write or admin.");
    }
    wish.expires_at = body.time("expires_at");
    if (wish.expires_at && *wish.expires_at <= now) {
        body.refuse(
            "expires_at",
            fmt::format("expires_at must be a future time; this is {}. An integer is always "
                        "Unix milliseconds.",
                        format_rfc3339(*wish.expires_at)));
    }
    return wish;
}

Response create(pg::Pool& pool, const Request& request) {
    JsonBody body(request, {"name", "scopes", "expires_at"});
    const Wish wish = read_wish(body, request.received_at);
    if (body.refusal()) return *body.refusal();
    auto connection = pool.acquire();
    if (!connection) return problem(connection.error(), request);
    const auto made = catalog::create_token(**connection, request.tenant, wish.name, wish.scopes,
                                            wish.expires_at);
    if (!made) return problem(made.error(), request);
    Response response{.status = 201};
    JsonWriter json(response.body);
    write_token(json, made->token);
    json.key("token").value(made->secret).end_object();
    return response;
}

Response revoke(pg::Pool& pool, const Request& request) {
    const auto id = parse_id(request.segments.at(0));
    auto connection = pool.acquire();
    if (!connection) return problem(connection.error(), request);
    const auto revoked =
        id ? catalog::revoke_token(**connection, request.tenant, *id) : pg::Expected<bool>(false);
    if (!revoked) return problem(revoked.error(), request);
    if (!*revoked) {
        return problem("token_not_found", 404, "Token not found", "There is no such token.");
    }
    return {.status = 204};
}

}  // namespace

std::vector<Route> token_routes(pg::Pool& pool) {
    return {
        {.method = "GET",
         .pattern = "/v1/tokens",
         .scope = Scope::admin,
         .parameters = {"page_size", "page_token"},
         .handler = [&pool](const Request& request) { return list(pool, request); }},
        {.method = "POST",
         .pattern = "/v1/tokens",
         .scope = Scope::admin,
         .parameters = {},
         .handler = [&pool](const Request& request) { return create(pool, request); }},
        {.method = "DELETE",
         .pattern = "/v1/tokens/{id}",
         .scope = Scope::admin,
         .parameters = {},
         .handler = [&pool](const Request& request) { return revoke(pool, request); }},
    };
}

}  // namespace atlas::http
