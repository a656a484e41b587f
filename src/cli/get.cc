// SPDX-License-Identifier: Apache-2.0
//
// atlas get ENTITY
#include <fmt/format.h>

#include <memory>

#include "cli/command_list.h"
#include "cli/entity_table.h"
#include "cli/server.h"
#include "cli/units.h"
#include "client/url.h"

namespace atlas::cli {
namespace {

struct GetOptions {
    ServerOptions server;
    std::string entity;
    std::string attributes;
    std::string window;
    std::string consistency;
};

void print_entity(Api& api, const boost::json::value& entity) {
    const Terminal terminal = stdout_terminal();
    const Time at = now();
    const auto units = load_units(api);
    fmt::print("{}  {}  since {}  changed {}\n\n", harmless(text_of(entity, "entity")),
               harmless(text_of(entity, "type")),
               show_time(text_of(entity, "created_at"), terminal, at),
               show_time(text_of(entity, "updated_at"), terminal, at));
    Table table({{"attribute"}, {"value"}, {"observed"}});
    if (const auto* attributes = member(entity, "attributes").if_object()) {
        for (const auto& [name, value] : *attributes) {
            const auto unit = units.find(name);
            table.add({harmless(name),
                       show_with_unit(value, unit == units.end() ? std::string() : unit->second),
                       show_time(text_of(member(entity, "attribute_times"), name), terminal, at)});
        }
    }
    table.print(terminal);
    fmt::print(stderr, "{}\n", describe_metadata(member(entity, "_metadata")));
}

int run_get(const GetOptions& options) {
    Api api(options.server);
    const std::string body =
        api.get_text(client::Target("/v1/entities/" + client::percent_encode(options.entity))
                         .add("attributes", options.attributes)
                         .add("window", options.window)
                         .add("consistency", options.consistency)
                         .str());
    if (options.server.json) {
        fmt::print("{}\n", body);
    } else {
        print_entity(api, Api::parse(body));
    }
    return 0;
}

}  // namespace

void add_get(CLI::App& app) {
    auto options = std::make_shared<GetOptions>();
    auto& command = *app.add_subcommand("get", "Show an entity and its current state");
    command.add_option("entity", options->entity, "External id of the entity")->required();
    command.add_option("-a,--attributes", options->attributes,
                       "Only these, hot or cold, separated by commas; * for all");
    command.add_option("--window", options->window, "How far back to look for cold attributes");
    command.add_option("--consistency", options->consistency,
                       "Consistency: strong, session, eventual or analytics");
    add_server_options(command, options->server);
    on_run(command, [options] { return run_get(*options); });
}

}  // namespace atlas::cli
