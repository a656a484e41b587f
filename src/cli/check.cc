// SPDX-License-Identifier: Apache-2.0
//
// atlas check: can this machine work with that Atlas? One line per check, exit code 1 when any
// of them fails.
#include <fmt/format.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include "base/version.h"
#include "cli/command_list.h"
#include "cli/present.h"
#include "cli/server.h"
#include "client/problem.h"

namespace atlas::cli {
namespace {

// Beyond it data is late enough that a person should look (the primary itself has no lag).
constexpr double kMaxLagSeconds = 60;

class Checks {
public:
    explicit Checks(bool json) : json_(json) {}

    void report(const std::string& what, bool good, const std::string& detail) {
        failed_ = failed_ || !good;
        if (json_) {
            const boost::json::object line{{"check", what}, {"ok", good}, {"detail", detail}};
            fmt::print("{}\n", boost::json::serialize(line));
        } else {
            fmt::print("{:<4}  {:<10}  {}\n", good ? "ok" : "FAIL", what, detail);
        }
    }
    // What does not work here and need not.
    void note(const std::string& what, const std::string& detail) {
        if (json_) return report(what, true, detail);
        fmt::print("{:<4}  {:<10}  {}\n", "note", what, detail);
    }
    bool failed() const { return failed_; }

private:
    bool json_;
    bool failed_ = false;
};

bool check_reachable(Api& api, Checks& checks) {
    const auto begin = std::chrono::steady_clock::now();
    const auto response = api.client().send({.target = "/healthz"});
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    if (!response) {
        checks.report("reachable", false, response.error().detail);
        return false;
    }
    const std::string place = api.client().options().url;
    checks.report("reachable", response->ok(),
                  response->ok() ? fmt::format("{} in {}", place, show_duration(took.count()))
                                 : client::problem_of(*response).detail);
    return response->ok();
}

void check_ready(Api& api, Checks& checks) {
    const auto response = api.client().send({.target = "/readyz"});
    if (!response) return checks.report("ready", false, response.error().detail);
    checks.report("ready", response->ok(),
                  response->ok() ? "serves" : response->body.substr(0, 300));
}

// A server is ready while its database is down, so that is a check of its own.
void check_sources(const boost::json::value& status, Checks& checks) {
    const auto* sources = member(status, "sources").if_array();
    if (sources == nullptr) return;
    for (const auto& source : *sources) {
        const std::string state = text_of(source, "state");
        const std::string detail = text_of(source, "detail");
        const std::string said = detail.empty() ? state : fmt::format("{}: {}", state, detail);
        // The analytics store of another process, whose lag is known there, or of none.
        if (state == "elsewhere" || state == "absent") {
            checks.note(text_of(source, "name"), said);
            continue;
        }
        checks.report(text_of(source, "name"), state != "unreachable", said);
        if (state == "unreachable") continue;
        const std::string name = "lag of " + text_of(source, "name");
        const auto& lag = member(source, "lag_seconds");
        if (!lag.is_number()) {
            checks.report(name, false, "unknown");
            continue;
        }
        const double seconds = lag.to_number<double>();
        checks.report(name, seconds <= kMaxLagSeconds, show_duration(seconds));
    }
}

// A role that follows the log says why it cannot: the server or its role lacks something, which
// costs only what follows the log, or an operator has to act.
void check_roles(const boost::json::value& status, Checks& checks) {
    const auto* roles = member(status, "roles").if_array();
    if (roles == nullptr) return;
    for (const auto& role : *roles) {
        const std::string state = text_of(role, "state");
        if (state == "unavailable") checks.note(text_of(role, "name"), text_of(role, "detail"));
        if (state == "stopped" || state == "failing")
            checks.report(text_of(role, "name"), false, text_of(role, "detail"));
    }
}

void check_status(Api& api, Checks& checks) {
    const auto response = api.client().send({.target = "/v1/status"});
    if (!response) return checks.report("allowed", false, response.error().detail);
    checks.report("allowed", response->ok(),
                  response->ok() ? "reads status" : client::problem_of(*response).detail);
    if (!response->ok()) return;
    const auto status = Api::parse(response->body);
    const std::string theirs = text_of(status, "version");
    const std::string ours(version());
    checks.report("version", theirs.substr(0, theirs.find('.')) == ours.substr(0, ours.find('.')),
                  fmt::format("server {}, this program {}", theirs, ours));
    check_sources(status, checks);
    check_roles(status, checks);
}

struct CheckOptions {
    ServerOptions server;
    bool deep = false;
    bool no_repair = false;
    std::string from;
    std::string until;
};

std::uint64_t count_of(const boost::json::value& report, const char* name) {
    const auto& value = member(report, name);
    return value.is_number() ? value.to_number<std::uint64_t>() : 0;
}

// What one kind of rows has, as "12 of 3400 differ: 1 missing, 11 changed, 0 too many".
bool report_compared(const std::string& what, const boost::json::value& compared, Checks& checks) {
    const auto missing = count_of(compared, "missing");
    const auto changed = count_of(compared, "changed");
    const auto extra = count_of(compared, "extra");
    const auto differ = missing + changed + extra;
    std::string detail = fmt::format("{} compared, none differs", count_of(compared, "compared"));
    if (differ > 0) {
        detail = fmt::format("{} compared, {} differ: {} missing, {} changed, {} too many",
                             count_of(compared, "compared"), differ, missing, changed, extra);
    }
    checks.report(what, differ == 0, detail);
    return differ == 0;
}

void report_deep(const boost::json::value& report, Checks& checks) {
    const std::string detail = text_of(report, "detail");
    if (text_of(report, "state") != "done") {
        return checks.report("analytics", false, detail.empty() ? "not compared" : detail);
    }
    const bool equal_points =
        report_compared("analytics points", member(report, "data_points"), checks);
    const bool equal_rows = report_compared("analytics rows", member(report, "rows"), checks);
    if (!equal_points || !equal_rows) {
        checks.note("repaired", std::to_string(count_of(report, "repaired")));
    }
    if (const auto undecided = count_of(report, "undecided"); undecided > 0) {
        checks.note("undecided",
                    fmt::format("{} changed too often meanwhile; check again", undecided));
    }
}

// Waits for the comparison of the analytics store with history.
void check_deep(Api& api, const CheckOptions& options, Checks& checks) {
    constexpr std::chrono::milliseconds kPause{200};
    boost::json::object body{{"repair", !options.no_repair}};
    if (!options.from.empty()) body["from"] = options.from;
    if (!options.until.empty()) body["to"] = options.until;
    auto report = Api::parse(api.send_text("POST", "/v1/stream:check", body));
    while (text_of(report, "state") == "running") {
        std::this_thread::sleep_for(kPause);
        report = Api::parse(api.get_text("/v1/stream:check"));
    }
    report_deep(report, checks);
}

int run_check(const CheckOptions& options) {
    Api api(options.server);
    Checks checks(options.server.json);
    if (check_reachable(api, checks)) {
        check_ready(api, checks);
        check_status(api, checks);
        if (options.deep) check_deep(api, options, checks);
    }
    return checks.failed() ? 1 : 0;
}

}  // namespace

void add_check(CLI::App& app) {
    auto options = std::make_shared<CheckOptions>();
    auto& command =
        *app.add_subcommand("check",
                            "Check that a server is reachable and ready, accepts the token, "
                            "reaches its database, and is fresh");
    auto* const deep = command.add_flag(
        "--deep", options->deep,
        "Compare the analytics store with history, wait for it, and repair what differs");
    command.add_flag("--no-repair", options->no_repair, "Only count what differs")->needs(deep);
    command
        .add_option("--from", options->from,
                    "Compare data points from that time on only (RFC 3339)")
        ->needs(deep);
    command.add_option("--to", options->until, "Compare data points before that time only")
        ->needs(deep);
    add_server_options(command, options->server);
    on_run(command, [options] { return run_check(*options); });
}

}  // namespace atlas::cli
