// SPDX-License-Identifier: Apache-2.0
#include "cli/direct.h"

#include <fmt/format.h>

#include <charconv>

#include "catalog/tenant_repository.h"
#include "catalog/token_repository.h"
#include "client/url.h"
#include "pg/connection.h"

namespace atlas::cli {
namespace {

constexpr int kListLimit = 100'000;

template <class T>
T expect(pg::Expected<T> result) {
    if (!result) throw CommandError("database error: " + pg::describe(result.error()));
    return std::move(*result);
}

boost::json::object to_json(const model::Tenant& tenant) {
    return {{"name", tenant.name},
            {"created_at", format_rfc3339(tenant.created_at)},
            {"is_active", tenant.active}};
}

boost::json::object to_json(const model::Token& token) {
    boost::json::object out{{"id", std::to_string(token.id)}, {"name", token.name}};
    out["scopes"] = boost::json::value_from(token.scopes);
    out["created_at"] = format_rfc3339(token.created_at);
    out["expires_at"] = nullptr;
    if (token.expires_at) out["expires_at"] = format_rfc3339(*token.expires_at);
    return out;
}

std::optional<Time> expiry_in(const boost::json::object& body) {
    const std::string text = text_of(body, "expires_at");
    if (text.empty()) return std::nullopt;
    const auto time = parse_rfc3339(text);
    if (!time || *time <= now()) {
        throw CommandError("--expires-at must be a future RFC 3339 timestamp with a time zone", 2);
    }
    return time;
}

}  // namespace

struct Accounts::Database {
    pg::Connection connection;

    TenantId tenant(const std::string& name) {
        const auto found = expect(catalog::find_tenant(connection, name));
        if (!found) throw CommandError(fmt::format("tenant \"{}\" does not exist", name));
        return found->id;
    }
};

void add_direct_options(CLI::App& command, DirectOptions& options) {
    command.add_option("--data", options.data, "Use the database of this data folder directly");
    command.add_option("--database", options.database,
                       "Use this database directly; a PostgreSQL conninfo");
}

Accounts::Accounts(const ServerOptions& server, const DirectOptions& direct,
                   const ConninfoOf& conninfo)
    : tenant_name_(server.tenant.empty() ? "default" : server.tenant) {
    if (!direct.chosen()) {
        api_ = std::make_unique<Api>(server);
        return;
    }
    const std::string where = direct.database.empty() ? conninfo(direct.data) : direct.database;
    auto opened = pg::Connection::open(where, {});
    if (!opened) throw CommandError("cannot reach the database: " + pg::describe(opened.error()));
    database_ = std::make_unique<Database>(Database{std::move(*opened)});
}

Accounts::~Accounts() = default;

std::vector<std::string> Accounts::list(const std::string& name) {
    std::vector<std::string> out;
    if (api_) {
        const auto target = [&](const std::string& page_token) {
            return client::Target("/v1/" + name)
                .add("page_size", "1000")
                .add("page_token", page_token)
                .str();
        };
        for_each_page(*api_, target, [&](const std::string& body) {
            for (auto& item : raw_items(body, name)) out.push_back(std::move(item));
            return true;
        });
        return out;
    }
    const auto add = [&](const auto& items) {
        for (const auto& item : items) out.push_back(boost::json::serialize(to_json(item)));
    };
    if (name == "tenants") {
        add(expect(catalog::list_tenants(database_->connection, "", kListLimit)));
    } else {
        add(expect(catalog::list_tokens(database_->connection, database_->tenant(tenant_name_), 0,
                                        kListLimit)));
    }
    return out;
}

std::string Accounts::create_tenant(const std::string& name) {
    if (api_) return api_->send_text("POST", "/v1/tenants", boost::json::object{{"name", name}});
    if (const char* fault = model::tenant_name_fault(name)) throw CommandError(fault, 2);
    const auto made = expect(catalog::create_tenant(database_->connection, name));
    if (!made) throw CommandError(fmt::format("tenant \"{}\" already exists", name));
    return boost::json::serialize(to_json(*made));
}

std::string Accounts::create_token(const boost::json::object& body) {
    if (api_) return api_->send_text("POST", "/v1/tokens", body);
    std::vector<std::string> scopes;
    for (const auto& scope : body.at("scopes").as_array()) {
        scopes.emplace_back(scope.as_string());
    }
    const auto made =
        expect(catalog::create_token(database_->connection, database_->tenant(tenant_name_),
                                     text_of(body, "name"), scopes, expiry_in(body)));
    auto response = to_json(made.token);
    response["token"] = made.secret;
    return boost::json::serialize(response);
}

void Accounts::delete_token(const std::string& id) {
    if (api_) {
        api_->send_text("DELETE", "/v1/tokens/" + client::percent_encode(id), nullptr);
        return;
    }
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), number);
    const bool valid = error == std::errc{} && end == id.data() + id.size();
    if (!valid || !expect(catalog::revoke_token(database_->connection,
                                                database_->tenant(tenant_name_), number))) {
        throw CommandError(fmt::format("token {} does not exist; `atlas tokens` lists them", id));
    }
}

}  // namespace atlas::cli
