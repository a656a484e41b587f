// SPDX-License-Identifier: Apache-2.0
//
// `atlas run`: the role that the options ask for; what atlas.service starts.
#include "app/roles.h"
#include "app/settings.h"

namespace atlas::app {

void add_run(CLI::App& app, const Signals& signals) {
    CLI::App* command = app.add_subcommand(
        "run", "Start what the options ask for: serve where `database` is set, else up");
    const auto flags = std::make_shared<Flags>();
    flags->add_common(*command);
    command->callback([flags, &signals] {
        config::Config config;
        flags->load(config);
        if (config.database().empty())
            run_up(config, signals);
        else
            run_serve(config, false, signals);
    });
}

}  // namespace atlas::app
