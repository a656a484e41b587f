// SPDX-License-Identifier: Apache-2.0
//
// atlas attributes [PREFIX], atlas attributes set NAME
#include <fmt/format.h>

#include <memory>

#include "cli/command_list.h"
#include "cli/present.h"
#include "cli/server.h"
#include "client/url.h"

namespace atlas::cli {
namespace {

struct ListOptions {
    ServerOptions server;
    std::string prefix;
    bool hot = false;
};

struct SetOptions {
    ServerOptions server;
    std::string name;
    std::string type;
    std::string unit;
    std::string hot;
    std::string description;
};

int run_list(const ListOptions& options) {
    Api api(options.server);
    const Terminal terminal = stdout_terminal();
    Table table(
        {{"attribute"}, {"type"}, {"hot"}, {"unit"}, {"declared"}, {"since"}, {"description"}});
    std::size_t count = 0;
    for_each_page(
        api,
        [&](const std::string& page_token) {
            return client::Target("/v1/attributes")
                .add("prefix", options.prefix)
                .add("hot", options.hot ? "true" : "")
                .add("page_size", "1000")
                .add("page_token", page_token)
                .str();
        },
        [&](const std::string& body) {
            if (options.server.json) {
                for (const auto& item : raw_items(body, "attributes")) fmt::print("{}\n", item);
                return true;
            }
            const auto response = Api::parse(body);
            const auto* list = member(response, "attributes").if_array();
            if (list == nullptr) return false;
            for (const auto& item : *list) {
                const auto yes = [&](const char* name) {
                    return member(item, name) == true ? "yes" : "";
                };
                table.add({harmless(text_of(item, "name")), text_of(item, "type"), yes("hot"),
                           harmless(text_of(item, "unit")), yes("declared"),
                           show_time(text_of(item, "created_at"), terminal, now()),
                           harmless(text_of(item, "description"))});
            }
            count += list->size();
            return true;
        });
    if (options.server.json) return 0;
    table.print(terminal);
    fmt::print(stderr, "{} attributes\n", with_thousands(std::to_string(count)));
    return 0;
}

// A type declares (PUT); without one, what is known already changes (PATCH).
int run_set(const SetOptions& options) {
    Api api(options.server);
    boost::json::object body;
    if (!options.type.empty()) body["type"] = options.type;
    if (!options.unit.empty()) body["unit"] = options.unit;
    if (!options.hot.empty()) body["hot"] = options.hot == "yes";
    if (!options.description.empty()) body["description"] = options.description;
    if (body.empty())
        throw CommandError("nothing to set: give --type, --unit, --hot or --description", 2);
    const std::string response =
        api.send_text(options.type.empty() ? "PATCH" : "PUT",
                      "/v1/attributes/" + client::percent_encode(options.name), body);
    if (options.server.json && !response.empty()) fmt::print("{}\n", response);
    return 0;
}

}  // namespace

void add_attributes(CLI::App& app) {
    auto options = std::make_shared<ListOptions>();
    auto& command = *app.add_subcommand("attributes", "List attributes, or change one");
    command.add_option("--prefix", options->prefix, "Only names that begin with this");
    command.add_flag("--hot", options->hot, "Only hot attributes");
    add_server_options(command, options->server);

    auto change = std::make_shared<SetOptions>();
    auto& set = *command.add_subcommand("set", "Declare or change one attribute");
    set.add_option("name", change->name, "Name of the attribute")->required();
    set.add_option("--type", change->type, "Type to declare")
        ->check(CLI::IsMember({"int", "double", "decimal", "bool", "string", "timestamp", "json"}));
    set.add_option("--unit", change->unit, "Unit, for example percent, bytes/s, seconds, bar");
    set.add_option("--hot", change->hot, "Whether it is part of the current state")
        ->check(CLI::IsMember({"yes", "no"}));
    set.add_option("--description", change->description, "What it means, in a sentence");
    add_server_options(set, change->server);
    on_run(set, [change] { return run_set(*change); });
    on_run(command, [options] { return run_list(*options); });
}

}  // namespace atlas::cli
