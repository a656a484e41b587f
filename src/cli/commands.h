// SPDX-License-Identifier: Apache-2.0
//
// The commands that speak to a running Atlas: ingest, query, get, series, attributes, tenants,
// tokens, status, check, collect, completion, man. Each lies in a file of its own beside this one.
//
//     main → [add_commands] → CLI11 → command → HttpClient → Atlas
//
// A command runs in its CLI11 callback and ends by throwing CLI::RuntimeError with its exit code:
// 0 done, 1 failed or something was refused. Data goes to stdout, all else to stderr.
//
// Threading  the main thread.
#pragma once

#include <CLI/CLI.hpp>

#include "cli/direct.h"

namespace atlas::cli {

// Adds all commands. `app` must outlive its parse; nothing runs before that. `conninfo_of` finds
// the private PostgreSQL of a data folder.
void add_commands(CLI::App& app, const ConninfoOf& conninfo_of);

// Ends a parse that threw: prints help (stdout) or what was misused (stderr), and gives the exit
// code: that of the command, 0 after help, 2 for misuse.
int exit_code(const CLI::App& app, const CLI::Error& error);

}  // namespace atlas::cli
