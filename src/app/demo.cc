// SPDX-License-Identifier: Apache-2.0
//
// `atlas demo`: what `atlas up` runs, with a made-up fleet in place of the collector, in a data
// folder of its own.
#include <chrono>
#include <memory>
#include <string>

#include "app/demo_folder.h"
#include "app/roles.h"
#include "app/settings.h"
#include "app/up.h"
#include "demo/feeder.h"
#include "observe/log.h"

namespace atlas::app {
namespace {

// Always the same fleet: screenshots and descriptions of it stay true.
constexpr std::uint64_t kSeed = 7;
// A demo that is left running does not fill the disk: two days are some 1 GB.
constexpr const char* kRetention = "2d";

Stop start_fleet(const config::Config&, const GatewayOptions&, const std::string& url) {
    const auto feeder = std::make_shared<demo::Feeder>(
        client::Options{.url = url}, kSeed,
        [](const std::string& text) { observe::log_warning("demo fleet: {}", text); });
    feeder->start();
    return [feeder] { feeder->stop(); };
}

void set(config::Option& option, const std::string& text, config::Source source) {
    if (const auto done = option.set(text, source); !done) throw ConfigError(done.error());
}

// The fleet has no token, so requests must need none.
void check_listen(const GatewayOptions& gateway) {
    if (!gateway.auth_off) {
        throw ConfigError(
            "atlas demo serves without tokens, so it listens on a loopback address only; use "
            "--listen 127.0.0.1:8470 and leave `auth` as it is");
    }
    check_free(gateway.listen, kPredecessor);
}

// A folder from file or environment is that of `atlas up`.
std::filesystem::path folder_of(const config::Config& config) {
    return demo_folder(config.data.source() == config::Source::flag ? config.data() : "");
}

void run_demo(config::Config& config, const Signals& signals) {
    check_listen(gateway_options(config, {}, true));
    const auto folder = folder_of(config);
    claim_demo_folder(folder);
    set(config.data, folder.string(), config::Source::flag);
    if (config.retention.source() == config::Source::built_in) {
        set(config.retention, kRetention, config::Source::built_in);
    }
    run_up(config, signals, start_fleet);
}

}  // namespace

void add_demo(CLI::App& app, const Signals& signals) {
    CLI::App* demo = app.add_subcommand(
        "demo", "Serve a made-up fleet with live telemetry, from a data folder of its own");
    const auto flags = std::make_shared<Flags>();
    demo->add_option_function<std::string>(
        "--data", [flags](const std::string& text) { flags->give("data", text); },
        "Data folder of the demo. Default: $XDG_DATA_HOME/atlas-demo, ~/.local/share/atlas-demo, "
        "or /var/lib/atlas-demo for root.");
    flags->add(*demo, "--listen", "listen");
    flags->add(*demo, "--pg-bin", "postgres.bin");
    flags->add_common(*demo);
    demo->callback([flags, &signals] {
        config::Config config;
        flags->load(config);
        run_demo(config, signals);
    });
}

}  // namespace atlas::app
