// SPDX-License-Identifier: Apache-2.0
//
// atlas tenants, atlas tenants create NAME
#include <fmt/format.h>

#include <memory>

#include "cli/command_list.h"
#include "cli/direct.h"
#include "cli/present.h"
#include "cli/server.h"

namespace atlas::cli {
namespace {

struct TenantsOptions {
    ServerOptions server;
    DirectOptions direct;
    ConninfoOf conninfo;
    std::string name;
};

int run_list(const TenantsOptions& options) {
    const Terminal terminal = stdout_terminal();
    Table table({{"tenant"}, {"active"}, {"since"}});
    for (const auto& text :
         Accounts(options.server, options.direct, options.conninfo).list("tenants")) {
        if (options.server.json) {
            fmt::print("{}\n", text);
            continue;
        }
        const auto item = Api::parse(text);
        table.add({harmless(text_of(item, "name")),
                   member(item, "is_active") == false ? "no" : "yes",
                   show_time(text_of(item, "created_at"), terminal, now())});
    }
    if (!options.server.json) table.print(terminal);
    return 0;
}

int run_create(const TenantsOptions& options) {
    Accounts accounts(options.server, options.direct, options.conninfo);
    const std::string response = accounts.create_tenant(options.name);
    if (options.server.json) fmt::print("{}\n", response);
    fmt::print(stderr, "tenant \"{}\" created\n", harmless(options.name));
    return 0;
}

}  // namespace

void add_tenants(CLI::App& app, const ConninfoOf& conninfo) {
    auto options = std::make_shared<TenantsOptions>();
    options->conninfo = conninfo;
    auto& command = *app.add_subcommand("tenants", "List tenants, or create one");
    auto& create = *command.add_subcommand("create", "Create a tenant");
    create.add_option("name", options->name, "Name of the tenant")->required();
    for (CLI::App* part : {&command, &create}) {
        add_server_options(*part, options->server);
        add_direct_options(*part, options->direct);
    }
    on_run(create, [options] { return run_create(*options); });
    on_run(command, [options] { return run_list(*options); });
}

}  // namespace atlas::cli
