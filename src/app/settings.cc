// SPDX-License-Identifier: Apache-2.0
#include "app/settings.h"

#include <cstdlib>

#include "observe/log.h"

namespace atlas::app {
namespace {

observe::Level level_named(const std::string& name) {
    if (name == "debug") return observe::Level::debug;
    if (name == "warning") return observe::Level::warning;
    if (name == "error") return observe::Level::error;
    return observe::Level::info;
}

}  // namespace

void Flags::add_common(CLI::App& command) {
    command.add_option("--config", file_, "Read options from this file instead of atlas.toml")
        ->type_name("FILE");
    command
        .add_option("--set", sets_, "Set an option: name=value; `atlas config print` lists them")
        ->type_name("NAME=VALUE")
        ->allow_extra_args(false);
}

void Flags::add(CLI::App& command, const std::string& flag, const std::string& option) {
    const config::Config known;
    const config::Option* described = known.find(option);
    const std::string value = described->default_text();
    const std::string help =
        value.empty() ? described->doc() : fmt::format("{} Default: {}", described->doc(), value);
    command.add_option_function<std::string>(
        flag, [this, option](const std::string& text) { given_.emplace_back(option, text); }, help);
}

void Flags::add_switch(CLI::App& command, const std::string& flag, const std::string& option,
                       const std::string& value, const std::string& help) {
    command.add_flag_callback(
        flag, [this, option, value] { given_.emplace_back(option, value); }, help);
}

std::vector<std::string> Flags::problems(config::Config& config) const {
    config::Sources sources;
    const char* variable = std::getenv("ATLAS_CONFIG");
    if (!file_.empty())
        sources.file = file_;
    else if (variable != nullptr)
        sources.file = variable;
    else
        sources.file = config::default_file();
    sources.environment = [](const char* name) -> const char* { return std::getenv(name); };
    std::vector<std::string> wrong;
    for (const std::string& assignment : sets_) {
        const auto equals = assignment.find('=');
        if (equals == std::string::npos) {
            wrong.push_back(fmt::format("--set {}: it takes name=value", assignment));
            continue;
        }
        sources.flags.emplace_back(assignment.substr(0, equals), assignment.substr(equals + 1));
    }
    sources.flags.insert(sources.flags.end(), given_.begin(), given_.end());
    for (auto& problem : config::load(config, sources)) wrong.push_back(std::move(problem));
    return wrong;
}

void Flags::load(config::Config& config) const {
    const auto wrong = problems(config);
    if (!wrong.empty()) throw ConfigError(wrong.front());
    observe::set_log_level(level_named(config.log_level()));
}

}  // namespace atlas::app
