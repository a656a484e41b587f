// SPDX-License-Identifier: Apache-2.0
#include "cli/commands.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/command_list.h"

namespace atlas::cli {
namespace {

// "atlas tokens create": the command that was typed, as far as it was understood.
std::string typed_command(const CLI::App& app) {
    std::string name = app.get_name();
    for (const CLI::App* sub : app.get_subcommands()) name += ' ' + typed_command(*sub);
    return name;
}

// CLI11 lists unexpected arguments from the last to the first.
std::string misuse(const CLI::App& app, const CLI::Error& error) {
    const bool unexpected = error.get_exit_code() == static_cast<int>(CLI::ExitCodes::ExtrasError);
    if (!unexpected) return error.what();
    const std::vector<std::string> extras = app.remaining(true);
    return fmt::format("unexpected argument{} {}", extras.size() == 1 ? "" : "s",
                       fmt::join(extras, " "));
}

}  // namespace

void add_commands(CLI::App& app, const ConninfoOf& conninfo_of) {
    add_ingest(app);
    add_query(app);
    add_get(app);
    add_series(app);
    add_analytics(app);
    add_export(app);
    add_attributes(app);
    add_tenants(app, conninfo_of);
    add_tokens(app, conninfo_of);
    add_status(app);
    add_stream(app);
    add_check(app);
    add_collect(app);
    add_completion(app);
}

int exit_code(const CLI::App& app, const CLI::Error& error) {
    const bool misused = error.get_exit_code() != 0 && error.get_name() != "RuntimeError";
    if (!misused) return app.exit(error);
    fmt::print(stderr, "atlas: {}; see `{} --help`\n", misuse(app, error), typed_command(app));
    return 2;
}

}  // namespace atlas::cli
