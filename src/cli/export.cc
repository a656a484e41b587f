// SPDX-License-Identifier: Apache-2.0
//
// atlas export FILTER
#include <fmt/format.h>

#include <chrono>
#include <memory>

#include "cli/command_list.h"
#include "cli/download.h"
#include "cli/present.h"
#include "cli/server.h"

namespace atlas::cli {
namespace {

// Between two parts of the response, or until the first.
constexpr std::chrono::minutes kPatience{30};

struct ExportOptions {
    ServerOptions server{.response_timeout = kPatience};
    std::string filter;
    std::vector<std::string> attributes;
    std::string from;
    std::string to;
    std::string format;
    std::string out;
};

boost::json::object request_of(const ExportOptions& options, const std::string& format) {
    boost::json::object body{{"format", format}};
    std::string names;
    for (const auto& name : options.attributes) {
        if (!names.empty()) names += ',';
        names += name == "*" ? name : quote_name(name);
    }
    const auto add = [&body](const char* field, const std::string& text) {
        if (!text.empty()) body[field] = text;
    };
    add("filter", options.filter);
    add("attributes", names);
    add("from", options.from);
    add("to", options.to);
    return body;
}

int run_export(const ExportOptions& options) {
    const std::string format = choose_format(options.format, options.out);
    Api api(options.server);
    const std::string body = boost::json::serialize(request_of(options, format));
    const auto begun = std::chrono::steady_clock::now();
    const Downloaded done = download(api,
                                     {.method = "POST",
                                      .target = "/v1/analytics/export",
                                      .body = body,
                                      .content_type = "application/json"},
                                     options.out);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
    fmt::print(stderr, "{} of {} in {}\n", with_unit(static_cast<double>(done.bytes), "bytes"),
               format, show_duration(took.count()));
    return 0;
}

}  // namespace

void add_export(CLI::App& app) {
    auto options = std::make_shared<ExportOptions>();
    auto& command = *app.add_subcommand("export", "Write all history of the entities that match");
    command.add_option(
        "filter", options->filter,
        "Filter, such as: type = \"pump\" AND site = \"berlin\"; none: all entities");
    command
        .add_option("-a,--attributes", options->attributes,
                    "Only these attributes, separated by commas")
        ->delimiter(',');
    command.add_option("--from", options->from, "Only points from this time on (RFC 3339)");
    command.add_option("--to", options->to, "Only points before this time");
    command.add_option("--format", options->format, "csv, ndjson or parquet")
        ->check(CLI::IsMember(format_words()));
    command.add_option("--out", options->out,
                       "File; appears when it is complete, and its ending says the format");
    add_server_options(command, options->server, false);
    on_run(command, [options] { return run_export(*options); });
}

}  // namespace atlas::cli
