// SPDX-License-Identifier: Apache-2.0
//
// atlas tokens, atlas tokens create NAME, atlas tokens delete ID
#include <fmt/format.h>

#include <memory>

#include "cli/command_list.h"
#include "cli/present.h"
#include "cli/server.h"
#include "client/url.h"

namespace atlas::cli {
namespace {

struct CreateOptions {
    ServerOptions server;
    std::string name;
    std::vector<std::string> scopes{"read", "write"};
    std::string expires_at;
    std::string expires_in;
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

int run_list(const ServerOptions& options) {
    Api api(options);
    const Terminal terminal = stdout_terminal();
    Table table({{"id", true}, {"name"}, {"scopes"}, {"created"}, {"expires"}});
    for_each_page(
        api,
        [](const std::string& page_token) {
            return client::Target("/v1/tokens")
                .add("page_size", "1000")
                .add("page_token", page_token)
                .str();
        },
        [&](const std::string& body) {
            if (options.json) {
                for (const auto& item : raw_items(body, "tokens")) fmt::print("{}\n", item);
                return true;
            }
            const auto answer = Api::parse(body);
            const auto* list = member(answer, "tokens").if_array();
            if (list == nullptr) return false;
            for (const auto& item : *list) {
                table.add({show_value(member(item, "id")), harmless(text_of(item, "name")),
                           joined(member(item, "scopes")),
                           show_time(text_of(item, "created_at"), terminal, now()),
                           show_time(text_of(item, "expires_at"), terminal, now())});
            }
            return true;
        });
    if (!options.json) table.print(terminal);
    return 0;
}

std::string expiry_of(const CreateOptions& options) {
    if (options.expires_in.empty()) return options.expires_at;
    const auto after = parse_duration(options.expires_in);
    if (!after) throw CommandError("--expires-in wants a duration like 12h or 90d", 2);
    return format_rfc3339(now() + *after);
}

// The secret alone goes to stdout, so that a script can keep it; it is not shown again.
int run_create(const CreateOptions& options) {
    Api api(options.server);
    boost::json::object body{{"name", options.name}};
    boost::json::array scopes;
    for (const auto& scope : options.scopes) scopes.emplace_back(scope);
    body["scopes"] = scopes;
    if (const std::string expiry = expiry_of(options); !expiry.empty()) body["expires_at"] = expiry;
    const std::string answer = api.send_text("POST", "/v1/tokens", body);
    if (options.server.json) {
        fmt::print("{}\n", answer);
        return 0;
    }
    const auto created = Api::parse(answer);
    std::string secret = text_of(created, "token");
    if (secret.empty()) secret = text_of(created, "secret");
    fmt::print("{}\n", secret);
    fmt::print(stderr, "token {} for {}; keep it, it is not shown again\n",
               show_value(member(created, "id")), joined(member(created, "scopes")));
    return 0;
}

int run_delete(const ServerOptions& options, const std::string& id) {
    Api api(options);
    api.send_text("DELETE", "/v1/tokens/" + client::percent_encode(id), nullptr);
    return 0;
}

}  // namespace

void add_tokens(CLI::App& app) {
    auto options = std::make_shared<ServerOptions>();
    auto& command = *app.add_subcommand("tokens", "Tokens: list, create or delete them");
    add_server_options(command, *options);

    auto fresh = std::make_shared<CreateOptions>();
    auto& create = *command.add_subcommand("create", "Create a token; prints its secret once");
    create.add_option("name", fresh->name, "What it is for")->required();
    create.add_option("--scopes", fresh->scopes, "read, write, admin")
        ->delimiter(',')
        ->check(CLI::IsMember({"read", "write", "admin"}))
        ->capture_default_str();
    create.add_option("--expires-at", fresh->expires_at, "RFC 3339");
    create.add_option("--expires-in", fresh->expires_in, "For example 12h or 90d");
    add_server_options(create, fresh->server);

    auto id = std::make_shared<std::string>();
    auto& remove = *command.add_subcommand("delete", "Delete a token");
    remove.add_option("id", *id, "Its id, from the list")->required();
    add_server_options(remove, *options);

    on_run(create, [fresh] { return run_create(*fresh); });
    on_run(remove, [options, id] { return run_delete(*options, *id); });
    on_run(command, [options] { return run_list(*options); });
}

}  // namespace atlas::cli
