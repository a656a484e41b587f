// SPDX-License-Identifier: Apache-2.0
//
// atlas attributes, atlas attributes set, retype, rename and drop NAME
#include <fmt/format.h>

#include <chrono>
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
    std::string category;
};

struct EditOptions {
    ServerOptions server;
    std::string name;
    std::string value;  // the new type or name
    bool dry_run = false;
};

int run_list(const ListOptions& options) {
    Api api(options.server);
    const Terminal terminal = stdout_terminal();
    Table table({{"attribute"},
                 {"type"},
                 {"category"},
                 {"hot"},
                 {"unit"},
                 {"declared"},
                 {"since"},
                 {"description"}});
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
                table.add({harmless(text_of(item, "name")), text_of(item, "type"),
                           harmless(text_of(item, "category")), yes("hot"),
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
    if (!options.category.empty()) body["category"] = options.category;
    if (body.empty())
        throw CommandError(
            "nothing to set: give --type, --unit, --hot, --category or --description", 2);
    const std::string response =
        api.send_text(options.type.empty() ? "PATCH" : "PUT",
                      "/v1/attributes/" + client::percent_encode(options.name), body);
    if (options.server.json && !response.empty()) fmt::print("{}\n", response);
    return 0;
}

// The server reads the tenant's whole history.
constexpr std::chrono::minutes kLongestCount{60};

// The values that an edit meets, and those that it loses.
void print_count(const std::string& response, std::string_view fate) {
    const auto count = Api::parse(response);
    const auto number = [&count](std::string_view name) {
        return with_thousands(boost::json::serialize(member(count, name)));
    };
    fmt::print("{} values, of which {} {}\n", number("points"), number("not_convertible"), fate);
}

// PATCH with one field; DELETE without.
int run_edit(const EditOptions& options, std::string_view field, std::string_view fate) {
    ServerOptions server = options.server;
    if (options.dry_run) server.response_timeout = kLongestCount;
    Api api(server);
    boost::json::object body;
    if (!field.empty()) body[field] = options.value;
    const std::string target = "/v1/attributes/" + client::percent_encode(options.name) +
                               (options.dry_run ? "?dry_run=true" : "");
    const std::string response =
        field.empty() ? api.send_text("DELETE", target, {}) : api.send_text("PATCH", target, body);
    if (options.server.json) {
        if (!response.empty()) fmt::print("{}\n", response);
    } else if (options.dry_run) {
        print_count(response, fate);
    } else if (!response.empty() && !member(Api::parse(response), "progress").is_null()) {
        fmt::print(stderr, "The current state still follows; the server continues by itself.\n");
    }
    return 0;
}

CLI::App& add_edit(CLI::App& command, const std::string& name, const std::string& text,
                   const std::shared_ptr<EditOptions>& options) {
    auto& edit = *command.add_subcommand(name, text);
    edit.add_option("name", options->name, "Name of the attribute")->required();
    edit.add_flag("--dry-run", options->dry_run, "Change nothing; count the values concerned");
    add_server_options(edit, options->server);
    return edit;
}

void add_edits(CLI::App& command) {
    auto retyped = std::make_shared<EditOptions>();
    auto& retype = add_edit(command, "retype",
                            "Give an attribute another type; what does not convert is no longer "
                            "shown",
                            retyped);
    retype.add_option("type", retyped->value, "The new type")
        ->required()
        ->check(CLI::IsMember({"int", "double", "decimal", "bool", "string", "timestamp", "json"}));
    on_run(retype, [retyped] { return run_edit(*retyped, "type", "do not convert"); });

    auto renamed = std::make_shared<EditOptions>();
    auto& rename = add_edit(command, "rename", "Rename an attribute, history included", renamed);
    rename.add_option("new-name", renamed->value, "The new name")->required();
    on_run(rename, [renamed] { return run_edit(*renamed, "name", "are lost"); });

    auto dropped = std::make_shared<EditOptions>();
    auto& drop = add_edit(command, "drop",
                          "Drop an attribute; a later write of its name begins another", dropped);
    on_run(drop, [dropped] { return run_edit(*dropped, "", "are no longer shown"); });
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
    set.add_option("--category", change->category,
                   "Kind of attribute, to group by, for example energy");
    set.add_option("--description", change->description, "What it means, in a sentence");
    add_server_options(set, change->server);
    on_run(set, [change] { return run_set(*change); });
    add_edits(command);
    on_run(command, [options] { return run_list(*options); });
}

}  // namespace atlas::cli
