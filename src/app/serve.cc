// SPDX-License-Identifier: Apache-2.0
//
// `atlas serve`: a gateway on a PostgreSQL that somebody else runs.
#include "app/database.h"
#include "app/gateway.h"
#include "app/roles.h"
#include "app/service_manager.h"
#include "app/settings.h"

namespace atlas::app {

void run_serve(const config::Config& config, bool migrate_first, const Signals& signals) {
    if (config.database().empty()) {
        throw ConfigError("atlas serve needs --database CONNINFO (or ATLAS_DATABASE)");
    }
    GatewayOptions options = gateway_options(config, config.database(), false);
    check_free(options.listen);
    {
        auto connection = reach(options.conninfo, signals);
        if (migrate_first) migrate(connection, config);
        check_schema(connection);
    }
    observe::Registry registry;
    Gateway gateway(options, config, registry);
    gateway.start();
    announce_ready(gateway.url());

    signals.wait();
    announce_stopping(options.drain_delay);
    const auto impatient = signals.on_signal([&gateway] { gateway.hurry(); });
    gateway.stop();
}

void add_serve(CLI::App& app, const Signals& signals) {
    CLI::App* serve = app.add_subcommand("serve", "Start a gateway on an existing PostgreSQL 15+");
    const auto flags = std::make_shared<Flags>();
    const auto migrate_first = std::make_shared<bool>(false);
    flags->add(*serve, "--database", "database");
    flags->add(*serve, "--listen", "listen");
    flags->add(*serve, "--auth", "auth");
    serve->add_flag("--migrate", *migrate_first, "Apply missing migrations before serving");
    flags->add_common(*serve);
    serve->callback([flags, migrate_first, &signals] {
        config::Config config;
        flags->load(config);
        run_serve(config, *migrate_first, signals);
    });
}

}  // namespace atlas::app
