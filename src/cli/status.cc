// SPDX-License-Identifier: Apache-2.0
//
// atlas status
#include <fmt/format.h>

#include <memory>

#include "cli/command_list.h"
#include "cli/present.h"
#include "cli/server.h"

namespace atlas::cli {
namespace {

std::string number_of(const boost::json::value& object, const char* name, const char* unit) {
    const auto& value = member(object, name);
    return value.is_number() ? fmt::format("{:.1f}{}", value.to_number<double>(), unit) : "";
}

void add_parts(Table& table, const boost::json::value& response, const char* list,
               const char* kind) {
    const auto* parts = member(response, list).if_array();
    if (parts == nullptr) return;
    for (const auto& part : *parts) {
        table.add({kind, harmless(text_of(part, "name")), harmless(text_of(part, "state")),
                   number_of(part, "lag_seconds", " s"), number_of(part, "rate", " /s"),
                   show_value(member(part, "position"))});
    }
}

void print_warnings(const boost::json::value& response) {
    const auto* warnings = member(response, "warnings").if_array();
    if (warnings == nullptr) return;
    for (const auto& warning : *warnings) fmt::print("warning: {}\n", show_value(warning));
}

// Slots of others hold back the log until they are read or dropped.
void print_slots(const boost::json::value& response) {
    const auto* slots = member(response, "slots").if_array();
    if (slots == nullptr || slots->empty()) return;
    Table table({{"slot of others"}, {"type"}, {"active"}, {"retained log", true}, {"state"}});
    for (const auto& slot : *slots) {
        const auto& bytes = member(slot, "retained_bytes");
        const double megabytes = bytes.is_number() ? bytes.to_number<double>() / 1048576 : 0;
        table.add({harmless(text_of(slot, "name")), harmless(text_of(slot, "type")),
                   show_value(member(slot, "active")), fmt::format("{:.0f} MB", megabytes),
                   harmless(text_of(slot, "wal_status"))});
    }
    fmt::print("\n");
    table.print(stdout_terminal());
}

int run_status(const ServerOptions& options) {
    Api api(options);
    const std::string body = api.get_text("/v1/status");
    if (options.json) {
        fmt::print("{}\n", body);
        return 0;
    }
    const auto response = Api::parse(body);
    const auto& uptime = member(response, "uptime_seconds");
    fmt::print("Atlas {} at {}, up {}\n\n", text_of(response, "version"), options.url,
               uptime.is_number() ? show_duration(uptime.to_number<double>()) : "?");
    Table table({{"kind"}, {"name"}, {"state"}, {"lag", true}, {"rate", true}, {"position"}});
    add_parts(table, response, "roles", "role");
    add_parts(table, response, "sources", "source");
    add_parts(table, response, "stages", "stage");
    table.print(stdout_terminal());
    print_stage_details(response);
    print_warnings(response);
    print_slots(response);
    return 0;
}

}  // namespace

void print_stage_details(const boost::json::value& status) {
    const auto* stages = member(status, "stages").if_array();
    if (stages == nullptr) return;
    for (const auto& stage : *stages) {
        const std::string detail = harmless(text_of(stage, "detail"));
        if (!detail.empty()) fmt::print("{}: {}\n", harmless(text_of(stage, "name")), detail);
    }
}

void add_status(CLI::App& app) {
    auto options = std::make_shared<ServerOptions>();
    auto& command =
        *app.add_subcommand("status", "Show roles, sources and stages with their lag and load");
    add_server_options(command, *options);
    on_run(command, [options] { return run_status(*options); });
}

}  // namespace atlas::cli
