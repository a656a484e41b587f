// SPDX-License-Identifier: Apache-2.0
//
// atlas tokens, atlas tokens create NAME, atlas tokens delete ID
#include <fmt/format.h>

#include <memory>

#include "cli/command_list.h"
#include "cli/direct.h"
#include "cli/present.h"
#include "cli/server.h"

namespace atlas::cli {
namespace {

struct TokensOptions {
    ServerOptions server;
    DirectOptions direct;
    ConninfoOf conninfo;
    std::string name;
    std::vector<std::string> scopes{"read", "write"};
    std::string expires_at;
    std::string expires_in;
    std::string id;

    Accounts accounts() const { return {server, direct, conninfo}; }
};

std::string joined(const boost::json::value& list) {
    std::string out;
    if (const auto* items = list.if_array()) {
        for (const auto& item : *items) {
            if (!out.empty()) out += ' ';
            out += show_value(item);
        }
    }
    return out;
}

int run_list(const TokensOptions& options) {
    const Terminal terminal = stdout_terminal();
    Table table({{"id", true}, {"name"}, {"scopes"}, {"created"}, {"expires"}});
    for (const auto& text : options.accounts().list("tokens")) {
        if (options.server.json) {
            fmt::print("{}\n", text);
            continue;
        }
        const auto item = Api::parse(text);
        table.add({show_value(member(item, "id")), harmless(text_of(item, "name")),
                   joined(member(item, "scopes")),
                   show_time(text_of(item, "created_at"), terminal, now()),
                   show_time(text_of(item, "expires_at"), terminal, now())});
    }
    if (!options.server.json) table.print(terminal);
    return 0;
}

std::string expiry_of(const TokensOptions& options) {
    if (options.expires_in.empty()) return options.expires_at;
    const auto after = parse_duration(options.expires_in);
    if (!after) throw CommandError("--expires-in must be a duration such as 12h or 90d", 2);
    return format_rfc3339(now() + *after);
}

// The secret alone goes to stdout, so that a script can keep it; it is not shown again.
int run_create(const TokensOptions& options) {
    boost::json::object body{{"name", options.name}};
    boost::json::array scopes;
    for (const auto& scope : options.scopes) scopes.emplace_back(scope);
    body["scopes"] = scopes;
    if (const std::string expiry = expiry_of(options); !expiry.empty()) body["expires_at"] = expiry;
    const std::string response = options.accounts().create_token(body);
    if (options.server.json) {
        fmt::print("{}\n", response);
        return 0;
    }
    const auto created = Api::parse(response);
    fmt::print("{}\n", text_of(created, "token"));
    fmt::print(stderr, "token {} with scopes {} created; store it now, it is not shown again\n",
               show_value(member(created, "id")), joined(member(created, "scopes")));
    return 0;
}

int run_delete(const TokensOptions& options) {
    options.accounts().delete_token(options.id);
    return 0;
}

}  // namespace

void add_tokens(CLI::App& app, const ConninfoOf& conninfo) {
    auto options = std::make_shared<TokensOptions>();
    options->conninfo = conninfo;
    auto& command = *app.add_subcommand("tokens", "List, create or delete tokens");

    auto& create = *command.add_subcommand("create", "Create a token; prints its secret once");
    create.add_option("name", options->name, "Name that says what the token is for")->required();
    create.add_option("--scopes", options->scopes, "Scopes: read, write, admin")
        ->delimiter(',')
        ->check(CLI::IsMember({"read", "write", "admin"}))
        ->capture_default_str();
    create.add_option("--expires-at", options->expires_at, "Expiry, RFC 3339 with a time zone");
    create.add_option("--expires-in", options->expires_in,
                      "Time until expiry, for example 12h or 90d");

    auto& remove = *command.add_subcommand("delete", "Delete a token");
    remove.add_option("id", options->id, "Id of the token, from the list")->required();

    for (CLI::App* part : {&command, &create, &remove}) {
        add_server_options(*part, options->server);
        add_direct_options(*part, options->direct);
    }
    on_run(create, [options] { return run_create(*options); });
    on_run(remove, [options] { return run_delete(*options); });
    on_run(command, [options] { return run_list(*options); });
}

}  // namespace atlas::cli
