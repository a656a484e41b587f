// SPDX-License-Identifier: Apache-2.0
//
// atlas stream status, atlas stream rebuild [FOLLOWER]
#include <fmt/format.h>

#include <memory>

#include "cli/command_list.h"
#include "cli/present.h"
#include "cli/server.h"

namespace atlas::cli {
namespace {

struct RebuildOptions {
    ServerOptions server;
    std::string follower;
};

std::string number_of(const boost::json::value& stage, const char* name, std::string_view unit) {
    const auto& value = member(stage, name);
    return value.is_number() ? with_unit(value.to_number<double>(), unit) : "";
}

std::string rate_of(const boost::json::value& stage) {
    std::string rate = number_of(stage, "rate", "1/s");
    std::string unit = harmless(text_of(stage, "rate_unit"));
    std::ranges::replace(unit, '_', ' ');
    return rate.empty() || unit.empty() ? rate : fmt::format("{} {}", unit, rate);
}

int run_status(const ServerOptions& options) {
    Api api(options);
    const std::string body = api.get_text("/v1/status");
    if (options.json) {
        for (const auto& item : raw_items(body, "stages")) fmt::print("{}\n", item);
        return 0;
    }
    const auto response = Api::parse(body);
    const auto* stages = member(response, "stages").if_array();
    if (stages == nullptr) throw CommandError("the server does not tell the stages of its stream");
    Table table({{"stage"},
                 {"state"},
                 {"lag", true},
                 {"rate", true},
                 {"retained log", true},
                 {"position"}});
    for (const auto& stage : *stages) {
        const auto& lag = member(stage, "lag_seconds");
        table.add({harmless(text_of(stage, "name")), harmless(text_of(stage, "state")),
                   lag.is_number() ? fmt::format("{:.1f} s", lag.to_number<double>()) : "",
                   rate_of(stage), number_of(stage, "retained_bytes", "bytes"),
                   show_value(member(stage, "position"))});
    }
    table.print(stdout_terminal());
    print_stage_details(response);
    return 0;
}

int run_rebuild(const RebuildOptions& options) {
    Api api(options.server);
    boost::json::object body;
    if (!options.follower.empty()) body["follower"] = options.follower;
    const std::string response = api.send_text("POST", "/v1/stream:rebuild", body);
    if (options.server.json) {
        fmt::print("{}\n", response);
        return 0;
    }
    const auto parsed = Api::parse(response);
    const auto* followers = member(parsed, "followers").if_array();
    for (std::size_t i = 0; followers != nullptr && i < followers->size(); ++i) {
        fmt::print(stderr, "{} starts over from the database; see `atlas stream status`\n",
                   harmless(show_value((*followers)[i])));
    }
    return 0;
}

}  // namespace

void add_stream(CLI::App& app) {
    auto& command = *app.add_subcommand("stream", "See or repair what follows the change stream");
    command.require_subcommand(1);

    auto shown = std::make_shared<ServerOptions>();
    auto& status = *command.add_subcommand(
        "status", "Show every stage that data goes through, with its lag, rate and position");
    add_server_options(status, *shown);
    on_run(status, [shown] { return run_status(*shown); });

    auto options = std::make_shared<RebuildOptions>();
    auto& rebuild = *command.add_subcommand(
        "rebuild", "Let a follower forget its data and start over from the database");
    rebuild.add_option("follower", options->follower,
                       "Name of the follower, such as analytics; none: all of this server");
    add_server_options(rebuild, options->server);
    on_run(rebuild, [options] { return run_rebuild(*options); });
}

}  // namespace atlas::cli
