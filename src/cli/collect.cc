// SPDX-License-Identifier: Apache-2.0
//
// atlas collect
#include <fmt/format.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <memory>

#include "cli/command_list.h"
#include "cli/server.h"
#include "collect/collector.h"

namespace atlas::cli {
namespace {

struct CollectOptions {
    ServerOptions server;
    std::string host;
    std::string proc = "/proc";
    std::string sys = "/sys";
    int seconds = 0;
    bool print = false;
};

collect::CollectorOptions collector_options(const CollectOptions& options) {
    collect::CollectorOptions out;
    out.server = client_options(options.server);
    out.host = options.host;
    out.roots.proc = options.proc;
    out.roots.sys = options.sys;
    out.say = [](const std::string& text) { fmt::print(stderr, "{}\n", text); };
    return out;
}

// Waits for SIGINT or SIGTERM, blocked in every thread beforehand, or for the time to be up.
void wait_for_end(const sigset_t& signals, int seconds) {
    if (seconds > 0) {
        const timespec patience{seconds, 0};
        sigtimedwait(&signals, nullptr, &patience);
        return;
    }
    int received = 0;
    sigwait(&signals, &received);
}

sigset_t block_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    return signals;
}

// What would be sent, one line per observation, a tick a second.
int print_ticks(const CollectOptions& options, const sigset_t& signals) {
    const auto made = collector_options(options);
    collect::Survey survey(made.host.empty() ? collect::host_name() : made.host, made.roots);
    const auto begin = std::chrono::steady_clock::now();
    for (int tick = 0; options.seconds == 0 || tick < options.seconds; ++tick) {
        const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - begin;
        const auto report = survey.tick(static_cast<std::uint64_t>(tick), {now(), elapsed.count()});
        fmt::print("{}", report.ndjson);
        std::fflush(stdout);
        const timespec second{1, 0};
        if (sigtimedwait(&signals, nullptr, &second) > 0) break;
    }
    return 0;
}

int run_collect(const CollectOptions& options) {
    const sigset_t signals = block_signals();
    if (options.print) return print_ticks(options, signals);
    collect::Collector collector(collector_options(options));
    collector.start();
    fmt::print(stderr, "collecting \"{}\" for {}\n", collector.host(), options.server.url);
    wait_for_end(signals, options.seconds);
    collector.stop();
    const auto totals = collector.totals();
    fmt::print(stderr, "{} data points delivered, {} rejected, {} dropped\n",
               totals.delivered_points, totals.refused_points, totals.dropped_points);
    return totals.refused_points + totals.dropped_points == 0 ? 0 : 1;
}

}  // namespace

void add_collect(CLI::App& app) {
    auto options = std::make_shared<CollectOptions>();
    auto& command = *app.add_subcommand("collect", "Send this machine's telemetry until stopped");
    command.add_option("--host", options->host,
                       "External id of the host's entity; default: the host name");
    command.add_option("--proc", options->proc, "Where /proc is mounted")->capture_default_str();
    command.add_option("--sys", options->sys, "Where /sys is mounted")->capture_default_str();
    command
        .add_option("--seconds", options->seconds,
                    "Stop after this many seconds; 0: run until stopped")
        ->capture_default_str()
        ->check(CLI::NonNegativeNumber);
    command.add_flag("--print", options->print, "Print the telemetry instead of sending it");
    add_server_options(command, options->server, false);
    on_run(command, [options] { return run_collect(*options); });
}

}  // namespace atlas::cli
