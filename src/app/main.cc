// SPDX-License-Identifier: Apache-2.0
//
// The program `atlas`: commands, and the one place where a failed start ends.
#include <fmt/format.h>
#include <malloc.h>

#include <CLI/CLI.hpp>
#include <exception>

#include "app/database.h"
#include "app/roles.h"
#include "app/settings.h"
#include "app/signals.h"
#include "base/version.h"
#include "cli/commands.h"

namespace atlas::app {
namespace {

int failed(const std::exception& error, int code) {
    fmt::print(stderr, "atlas: {}\n", error.what());
    return code;
}

// The private PostgreSQL of a data folder, for commands that work without a server.
std::string conninfo_of(const std::string& data) {
    Flags flags;
    flags.give("data", data);
    config::Config config;
    flags.load(config);
    return private_dsn(config);
}

// Requests and answers of up to a few megabytes come and go: given back to the kernel each time,
// they would be mapped in and cleared again page by page. The bound is for each of malloc's arenas.
void keep_memory_of_requests() {
    constexpr int kBytes = 4 << 20;
    mallopt(M_MMAP_THRESHOLD, kBytes);
    mallopt(M_TRIM_THRESHOLD, kBytes);
}

int run(int argc, char** argv) {
    const Signals signals;
    CLI::App app("Multi-tenant telemetry platform on PostgreSQL", "atlas");
    app.require_subcommand(1);
    app.set_version_flag("--version", fmt::format("atlas {}", version()));
    add_up(app, signals);
    add_demo(app, signals);
    add_serve(app, signals);
    add_run(app, signals);
    add_migrate(app, signals);
    cli::add_commands(app, conninfo_of);
    add_dsn(app);
    add_config(app);
    add_version(app);
    add_man(app);
    try {
        app.parse(argc, argv);
        return 0;
    } catch (const CLI::Error& error) {
        return cli::exit_code(app, error);
    } catch (const ConfigError& error) {
        return failed(error, 2);
    } catch (const std::exception& error) {
        return failed(error, 1);
    }
}

}  // namespace
}  // namespace atlas::app

int main(int argc, char** argv) {
    atlas::app::keep_memory_of_requests();
    return atlas::app::run(argc, argv);
}
