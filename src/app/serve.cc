// SPDX-License-Identifier: Apache-2.0
//
// `atlas serve`: chosen roles on an existing PostgreSQL.
#include "app/compose.h"
#include "app/database.h"
#include "app/roles.h"
#include "app/service_manager.h"
#include "app/settings.h"
#include "cluster/data_dir.h"

namespace atlas::app {

void run_serve(const config::Config& config, bool migrate_first, const Signals& signals) {
    if (config.database().empty()) {
        throw ConfigError("atlas serve requires --database CONNINFO (or ATLAS_DATABASE)");
    }
    GatewayOptions options = gateway_options(config, config.database(), false);
    if (options.analytics.empty()) {
        options.analytics = (config.data().empty() ? cluster::default_data_dir()
                                                   : std::filesystem::path(config.data())) /
                            "analytics";
    }
    const Roles roles = serve_roles(config);
    if (listens(roles)) check_free(options.listen, kPredecessor);
    on_database(options.conninfo, signals, kPatience, [&](pg::Connection& connection) {
        if (migrate_first) migrate(connection, config);
        check_schema(connection);
        warn_of_settings(connection);
    });
    observe::Registry registry;
    const SystemClock clock;
    Services services;
    const Gateway* gateway = add_roles(services, roles, options, {config, registry, clock});
    services.start();
    announce_ready(gateway == nullptr ? "" : gateway->url());

    signals.wait();
    announce_stopping(options.drain_delay);
    const auto impatient = signals.on_signal([&services] { services.hurry(); });
    services.stop();
}

void add_serve(CLI::App& app, const Signals& signals) {
    CLI::App* serve = app.add_subcommand("serve", "Run chosen roles on an existing PostgreSQL 15+");
    const auto flags = std::make_shared<Flags>();
    const auto migrate_first = std::make_shared<bool>(false);
    flags->add(*serve, "--database", "database");
    flags->add(*serve, "--roles", "roles");
    flags->add(*serve, "--listen", "listen");
    flags->add(*serve, "--auth", "auth");
    serve->add_flag("--migrate", *migrate_first, "Apply missing migrations before starting");
    flags->add_common(*serve);
    serve->callback([flags, migrate_first, &signals] {
        config::Config config;
        flags->load(config);
        run_serve(config, *migrate_first, signals);
    });
}

}  // namespace atlas::app
