// SPDX-License-Identifier: Apache-2.0
//
// The commands, each in the file of its name, for add_commands(), and what two of them share.
//
// Threading  the main thread.
#pragma once

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <string>

#include "cli/direct.h"

namespace atlas::cli {

// Each adds a subcommand that runs in its callback, see commands.h.
void add_analytics(CLI::App& app);
void add_attributes(CLI::App& app);
void add_check(CLI::App& app);
void add_collect(CLI::App& app);
void add_completion(CLI::App& app);
void add_export(CLI::App& app);
void add_get(CLI::App& app);
void add_ingest(CLI::App& app);
void add_query(CLI::App& app);
void add_series(CLI::App& app);
void add_status(CLI::App& app);
void add_stream(CLI::App& app);
void add_tenants(CLI::App& app, const ConninfoOf& conninfo);
void add_tokens(CLI::App& app, const ConninfoOf& conninfo);

// Of /v1/status: why a stage is not as it should be, and what to do; to stdout.
void print_stage_details(const boost::json::value& status);

// "primary, lag 0.0 s, 1.9 ms"
std::string describe_metadata(const boost::json::value& metadata);

}  // namespace atlas::cli
