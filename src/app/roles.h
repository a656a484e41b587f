// SPDX-License-Identifier: Apache-2.0
//
// The commands of this program's own processes and files; each adds itself to the command line and
// runs in its callback. `signals` outlives the parse.
//
// Threading  the main thread; the callbacks run until the process ends.
#pragma once

#include <CLI/CLI.hpp>

#include "app/signals.h"
#include "config/config.h"

namespace atlas::app {

void add_up(CLI::App& app, const Signals& signals);       // everything in one process
void add_demo(CLI::App& app, const Signals& signals);     // the same with a made-up fleet
void add_serve(CLI::App& app, const Signals& signals);    // chosen roles on an existing PostgreSQL
void add_run(CLI::App& app, const Signals& signals);      // serve or up, as the options say
void add_migrate(CLI::App& app, const Signals& signals);  // migrate up, migrate status
void add_config(CLI::App& app);                           // config print, check, markdown
void add_dsn(CLI::App& app);
void add_version(CLI::App& app);
void add_man(CLI::App& app);  // the manual page, from the commands as they are

// `atlas up` and `atlas serve`, until SIGINT or SIGTERM. Throw StartupError or ConfigError.
void run_up(const config::Config& config, const Signals& signals);
void run_serve(const config::Config& config, bool migrate_first, const Signals& signals);

}  // namespace atlas::app
