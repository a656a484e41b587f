// SPDX-License-Identifier: Apache-2.0
//
// `atlas up`: a private PostgreSQL, a gateway and a collector in one process.
#include "app/up.h"

#include <fmt/format.h>

#include <atomic>
#include <filesystem>
#include <memory>
#include <optional>

#include "app/compose.h"
#include "app/database.h"
#include "app/demo_folder.h"
#include "app/roles.h"
#include "app/service_manager.h"
#include "app/settings.h"
#include "cluster/embedded_cluster.h"
#include "collect/collector.h"
#include "observe/log.h"

namespace atlas::app {
namespace {

cluster::EmbeddedOptions embedded_options(const config::Config& config) {
    return {.data = config.data(),
            .pg_bin = config.postgres_bin(),
            .listen_address = config.postgres_listen(),
            .port = static_cast<int>(config.postgres_port())};
}

// Posts through the public API, like any client.
Stop start_collector(const config::Config& config, const GatewayOptions& gateway,
                     const std::string& url) {
    if (!config.collect()) return {};
    if (!gateway.auth_off) {
        observe::log_warning(
            "not collecting this machine's telemetry: that requires auth = \"off\"; run `atlas "
            "collect` with a token");
        return {};
    }
    collect::CollectorOptions options;
    options.server.url = url;
    options.say = [](const std::string& text) { observe::log_warning("collector: {}", text); };
    const auto collector = std::make_shared<collect::Collector>(std::move(options));
    collector->start();
    return [collector] { collector->stop(); };
}

std::string shell_quoted(const std::filesystem::path& path) {
    std::string quoted = "'";
    for (const char c : path.string())
        quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return quoted + "'";
}

// What opens psql on the private database, whatever folder it is typed in.
std::string psql_command(const std::filesystem::path& data) {
    std::error_code unknown;
    const auto program = std::filesystem::read_symlink("/proc/self/exe", unknown);
    return fmt::format("psql \"$({} dsn --data {})\"",
                       unknown ? std::string("atlas") : shell_quoted(program),
                       shell_quoted(std::filesystem::absolute(data)));
}

}  // namespace

void run_up(const config::Config& config, const Signals& signals, const StartClient& start_client) {
    GatewayOptions options = gateway_options(config, {}, true);
    check_free(options.listen, kPredecessor);
    observe::Registry registry;
    cluster::EmbeddedCluster cluster(embedded_options(config), registry);
    const auto told_to_stop = [&signals] { return signals.pending(); };
    cluster.start(told_to_stop);
    options.owner_conninfo = cluster.conninfo();
    // What dies meanwhile is restarted, so it is waited for without limit.
    on_database(options.owner_conninfo, signals, std::nullopt,
                [&](pg::Connection& connection) { migrate(connection, config); });
    options.conninfo = cluster.gateway_conninfo(told_to_stop);
    options.psql = psql_command(cluster.root());
    if (options.analytics.empty()) options.analytics = cluster.root() / "analytics";
    const SystemClock clock;
    std::optional<Services> services(std::in_place);
    const Gateway* gateway =
        add_roles(*services, up_roles(config), options, {config, registry, clock});
    services->start();
    announce_ready(gateway->url());
    const Stop stop_client = start_client(config, options, gateway->url());

    signals.wait();
    announce_stopping(options.drain_delay);
    std::atomic<bool> hurried{false};
    {
        const auto impatient = signals.on_signal([&] {
            hurried = true;
            services->hurry();
        });
        if (stop_client) stop_client();
        services->stop();
    }
    // Their sessions close before the server does.
    services.reset();
    if (hurried) cluster.hurry();
    const auto impatient = signals.on_signal([&cluster] { cluster.hurry(); });
    cluster.stop();
}

void run_up(const config::Config& config, const Signals& signals) {
    refuse_demo_folder(config);
    run_up(config, signals, start_collector);
}

void add_up(CLI::App& app, const Signals& signals) {
    CLI::App* up =
        app.add_subcommand("up", "Start everything on this machine, PostgreSQL included");
    const auto flags = std::make_shared<Flags>();
    flags->add(*up, "--data", "data");
    flags->add(*up, "--listen", "listen");
    flags->add(*up, "--pg-bin", "postgres.bin");
    flags->add(*up, "--auth", "auth");
    flags->add_switch(*up, "--no-collect", "collect", "false",
                      "Do not collect the telemetry of this machine");
    flags->add_common(*up);
    up->callback([flags, &signals] {
        config::Config config;
        flags->load(config);
        run_up(config, signals);
    });
}

}  // namespace atlas::app
