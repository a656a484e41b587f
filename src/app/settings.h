// SPDX-License-Identifier: Apache-2.0
//
// From the command line to a Config: the flags that several commands share.
//
// Threading  one thread, during the parse.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <utility>
#include <vector>

#include "base/startup_error.h"
#include "config/config.h"

namespace atlas::app {

// Thrown for invalid options; main exits with code 2.
class ConfigError : public StartupError {
public:
    using StartupError::StartupError;
};

// What the flags of one command said. Lives as long as the parse.
class Flags {
public:
    // --config FILE and --set name=value.
    void add_common(CLI::App& command);
    // A flag of its own for an option: add(command, "--listen", "listen").
    void add(CLI::App& command, const std::string& flag, const std::string& option);
    // Sets an option as a flag would.
    void give(const std::string& option, const std::string& value) {
        given_.emplace_back(option, value);
    }
    // A switch that sets an option to `value`: --no-collect.
    void add_switch(CLI::App& command, const std::string& flag, const std::string& option,
                    const std::string& value, const std::string& help);

    // What is invalid in file, environment and flags, a line each; sets `config` to the rest.
    std::vector<std::string> problems(config::Config& config) const;
    // As above, but throws ConfigError with the first problem; also sets the log level.
    void load(config::Config& config) const;

private:
    std::string file_;
    std::vector<std::string> sets_;
    std::vector<std::pair<std::string, std::string>> given_;
};

}  // namespace atlas::app
