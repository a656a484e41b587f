// SPDX-License-Identifier: Apache-2.0
//
// atlas tenants, atlas tenants create NAME
#include <fmt/format.h>

#include <memory>

#include "cli/command_list.h"
#include "cli/present.h"
#include "cli/server.h"
#include "client/url.h"

namespace atlas::cli {
namespace {

int run_list(const ServerOptions& options) {
    Api api(options);
    const Terminal terminal = stdout_terminal();
    Table table({{"tenant"}, {"active"}, {"since"}});
    for_each_page(
        api,
        [](const std::string& page_token) {
            return client::Target("/v1/tenants")
                .add("page_size", "1000")
                .add("page_token", page_token)
                .str();
        },
        [&](const std::string& body) {
            if (options.json) {
                for (const auto& item : raw_items(body, "tenants")) fmt::print("{}\n", item);
                return true;
            }
            const auto answer = Api::parse(body);
            const auto* list = member(answer, "tenants").if_array();
            if (list == nullptr) return false;
            for (const auto& item : *list) {
                table.add({harmless(text_of(item, "name")),
                           member(item, "active") == false ? "no" : "yes",
                           show_time(text_of(item, "created_at"), terminal, now())});
            }
            return true;
        });
    if (!options.json) table.print(terminal);
    return 0;
}

int run_create(const ServerOptions& options, const std::string& name) {
    Api api(options);
    const std::string answer =
        api.send_text("POST", "/v1/tenants", boost::json::object{{"name", name}});
    if (options.json)
        fmt::print("{}\n", answer);
    else
        fmt::print(stderr, "tenant \"{}\" created\n", harmless(name));
    return 0;
}

}  // namespace

void add_tenants(CLI::App& app) {
    auto options = std::make_shared<ServerOptions>();
    auto& command = *app.add_subcommand("tenants", "Tenants: list them, or create one");
    add_server_options(command, *options);
    auto name = std::make_shared<std::string>();
    auto& create = *command.add_subcommand("create", "Create a tenant");
    create.add_option("name", *name, "Its name")->required();
    add_server_options(create, *options);
    on_run(create, [options, name] { return run_create(*options, *name); });
    on_run(command, [options] { return run_list(*options); });
}

}  // namespace atlas::cli
