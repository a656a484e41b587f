// SPDX-License-Identifier: Apache-2.0
//
// `atlas migrate up|status`.
#include <fmt/format.h>

#include "app/database.h"
#include "app/roles.h"
#include "app/settings.h"
#include "base/json_writer.h"
#include "schema/migrator.h"

namespace atlas::app {
namespace {

void print_json(const schema::MigrationStatus& status) {
    for (const auto& migration : status.migrations) {
        std::string line;
        JsonWriter json(line);
        json.begin_object().key("version").value(migration.version);
        json.key("name").value(migration.name).key("applied_at");
        if (migration.applied_at.empty())
            json.null();
        else
            json.value(migration.applied_at);
        json.end_object();
        fmt::print("{}\n", line);
    }
    std::string line;
    JsonWriter(line)
        .begin_object()
        .key("objects_current")
        .value(status.objects_current)
        .end_object();
    fmt::print("{}\n", line);
}

void print_table(const schema::MigrationStatus& status) {
    for (const auto& migration : status.migrations) {
        fmt::print("{:<32} {}\n", migration.name,
                   migration.applied_at.empty() ? "missing" : migration.applied_at);
    }
    fmt::print("{:<32} {}\n", "objects", status.objects_current ? "current" : "to be applied");
}

// Exit code 0 when the database is at the schema of this program, else 1.
void run_status(const config::Config& config, bool json, const Signals& signals) {
    auto connection = reach(database_of(config), signals);
    const auto status = schema::Migrator(connection).status();
    if (!status) throw StartupError(fmt::format("schema: {}", pg::describe(status.error())));
    if (json)
        print_json(*status);
    else
        print_table(*status);
    if (status->newer_than_program()) check_schema(connection);
    if (!status->current()) throw CLI::RuntimeError(1);
}

}  // namespace

void add_migrate(CLI::App& app, const Signals& signals) {
    CLI::App* migrations =
        app.add_subcommand("migrate", "Bring a database to this program's schema");
    migrations->require_subcommand(1);
    const auto flags = std::make_shared<Flags>();
    const auto json = std::make_shared<bool>(false);
    CLI::App* up = migrations->add_subcommand("up", "Apply what is missing");
    CLI::App* status =
        migrations->add_subcommand("status", "Show what is applied and what is missing");
    for (CLI::App* command : {up, status}) {
        flags->add(*command, "--database", "database");
        flags->add(*command, "--data", "data");
        flags->add_common(*command);
    }
    status->add_flag("--json", *json, "One JSON object per line");
    up->callback([flags, &signals] {
        config::Config config;
        flags->load(config);
        auto connection = reach(database_of(config), signals);
        migrate(connection, config);
        fmt::print("the database is at this program's schema\n");
    });
    status->callback([flags, json, &signals] {
        config::Config config;
        flags->load(config);
        run_status(config, *json, signals);
    });
}

}  // namespace atlas::app
