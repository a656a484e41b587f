// SPDX-License-Identifier: Apache-2.0
//
// `atlas config`, `atlas dsn`, `atlas version`: they start nothing.
#include <fmt/format.h>

#include <map>
#include <string>

#include "app/database.h"
#include "app/roles.h"
#include "app/settings.h"
#include "base/json_writer.h"
#include "base/version.h"

namespace atlas::app {
namespace {

const std::map<std::string, PrivateRole> kPrivateRoles{
    {"owner", PrivateRole::owner}, {"reader", PrivateRole::reader}, {"admin", PrivateRole::admin}};

void check(const Flags& flags) {
    config::Config config;
    const auto problems = flags.problems(config);
    for (const auto& problem : problems) fmt::print(stderr, "{}\n", problem);
    if (!problems.empty()) throw CLI::RuntimeError(1);
    fmt::print("configuration OK\n");
}

void print_json(const config::Config& config) {
    for (const config::Option* option : config.options()) {
        std::string line;
        JsonWriter json(line);
        json.begin_object().key("name").value(option->name());
        json.key("value").value(config::shown_value(*option));
        json.key("source").value(to_string(option->source())).end_object();
        fmt::print("{}\n", line);
    }
}

}  // namespace

void add_config(CLI::App& app) {
    CLI::App* command = app.add_subcommand("config", "Show and check the options");
    command->require_subcommand(1);
    const auto flags = std::make_shared<Flags>();
    const auto json = std::make_shared<bool>(false);
    CLI::App* shown = command->add_subcommand("print", "Show every option and where it comes from");
    flags->add_common(*shown);
    shown->add_flag("--json", *json, "One JSON object per line");
    shown->callback([flags, json] {
        config::Config config;
        flags->load(config);
        if (*json)
            print_json(config);
        else
            fmt::print("{}", print(config));
    });
    CLI::App* checked =
        command->add_subcommand("check", "Check the options and list what is invalid");
    flags->add_common(*checked);
    checked->callback([flags] { check(*flags); });
    command->add_subcommand("markdown", "Write docs/configuration.md")->callback([] {
        fmt::print("{}", render_markdown(config::Config()));
    });
}

void add_dsn(CLI::App& app) {
    CLI::App* dsn = app.add_subcommand(
        "dsn", "Print the conninfo of the private PostgreSQL: psql \"$(atlas dsn)\"");
    const auto flags = std::make_shared<Flags>();
    const auto role = std::make_shared<PrivateRole>(PrivateRole::owner);
    flags->add(*dsn, "--data", "data");
    dsn->add_option_function<std::string>(
           "--role", [role](const std::string& name) { *role = kPrivateRoles.at(name); },
           "Rights of the session: owner of the database, reader of everything but tokens, or "
           "admin, the superuser of the server. Default: owner")
        ->type_name("ROLE")
        ->check(CLI::IsMember(kPrivateRoles));
    flags->add_common(*dsn);
    dsn->callback([flags, role] {
        config::Config config;
        flags->load(config);
        fmt::print("{}\n", private_dsn(config, *role));
    });
}

void add_version(CLI::App& app) {
    app.add_subcommand("version", "Print the version")->callback([] {
        fmt::print("atlas {}\n", version());
    });
}

}  // namespace atlas::app
