// SPDX-License-Identifier: Apache-2.0
//
// atlas query FILTER
#include <fmt/format.h>

#include <memory>

#include "cli/command_list.h"
#include "cli/entity_table.h"
#include "cli/server.h"
#include "cli/units.h"
#include "client/url.h"

namespace atlas::cli {
namespace {

struct QueryOptions {
    ServerOptions server;
    std::string filter;
    std::string order_by;
    std::string window;
    std::string count;
    std::string consistency;
    std::vector<std::string> attributes;
    std::size_t limit = 100;
};

std::string joined_names(const std::vector<std::string>& names) {
    std::string out;
    for (const auto& name : names) {
        if (!out.empty()) out += ',';
        out += name == "*" ? name : quote_name(name);
    }
    return out;
}

std::string target_of(const QueryOptions& options, const std::string& page_token,
                      std::size_t wanted) {
    return client::Target("/v1/entities")
        .add("filter", options.filter)
        .add("order_by", options.order_by)
        .add("attributes", joined_names(options.attributes))
        .add("window", options.window)
        .add("count", page_token.empty() ? options.count : std::string())
        .add("consistency", options.consistency)
        .add("page_size", std::to_string(std::min<std::size_t>(wanted, 1000)))
        .add("page_token", page_token)
        .str();
}

struct Found {
    std::vector<boost::json::value> entities;
    boost::json::value total;
    boost::json::value metadata;
    bool more = false;
};

Found collect_pages(Api& api, const QueryOptions& options) {
    Found found;
    for_each_page(
        api,
        [&](const std::string& page_token) {
            return target_of(options, page_token, options.limit - found.entities.size());
        },
        [&](const std::string& body) {
            const auto response = Api::parse(body);
            if (options.server.json) {
                for (const auto& item : raw_items(body, "entities")) fmt::print("{}\n", item);
            }
            if (const auto* list = member(response, "entities").if_array()) {
                found.entities.insert(found.entities.end(), list->begin(), list->end());
            }
            if (!member(response, "total_size").is_null()) found.total = response.at("total_size");
            found.metadata = member(response, "_metadata");
            found.more = !text_of(response, "next_page_token").empty();
            return found.entities.size() < options.limit;
        });
    return found;
}

int run_query(const QueryOptions& options) {
    Api api(options.server);
    const Found found = collect_pages(api, options);
    if (options.server.json) return 0;
    const Terminal terminal = stdout_terminal();
    std::vector<std::string> columns = options.attributes;
    std::erase(columns, "*");
    if (columns.size() != options.attributes.size()) columns.clear();
    const Table table = entity_table(found.entities, columns, load_units(api), terminal, now());
    const std::size_t left_out = table.print(terminal);
    std::string summary = fmt::format("{} {}", found.entities.size(),
                                      found.entities.size() == 1 ? "entity" : "entities");
    if (!found.total.is_null()) {
        summary += fmt::format(" of {}", with_thousands(boost::json::serialize(found.total)));
    }
    if (found.more) summary += ", more with a larger --limit";
    if (left_out > 0)
        summary += fmt::format(", {} columns do not fit: choose with --attributes", left_out);
    fmt::print(stderr, "{} · {}\n", summary, describe_metadata(found.metadata));
    return 0;
}

}  // namespace

std::string describe_metadata(const boost::json::value& metadata) {
    const auto& lag = member(metadata, "lag_seconds");
    const auto& took = member(metadata, "query_ms");
    return fmt::format(
        "{}, lag {}, {} ms", text_of(metadata, "source"),
        lag.is_number() ? fmt::format("{:.1f} s", lag.to_number<double>()) : "unknown",
        took.is_number() ? fmt::format("{:.1f}", took.to_number<double>()) : "?");
}

void add_query(CLI::App& app) {
    auto options = std::make_shared<QueryOptions>();
    auto& command = *app.add_subcommand("query", "List entities by their current state");
    command.add_option(
        "filter", options->filter,
        "Filter, such as: status = \"online\" AND priority >= 8; none: all entities");
    command.add_option("--order-by", options->order_by, "Order, for example \"priority desc\"");
    command
        .add_option("-a,--attributes", options->attributes,
                    "Columns, separated by commas; * for all")
        ->delimiter(',');
    command.add_option("--window", options->window, "How far back to look for cold attributes");
    command.add_option("-n,--limit", options->limit, "Maximum number of entities")
        ->capture_default_str()
        ->check(CLI::PositiveNumber);
    command.add_option("--count", options->count, "Also count all entities that match")
        ->check(CLI::IsMember({"exact", "estimated"}));
    command.add_option("--consistency", options->consistency,
                       "Consistency: strong, session, eventual or analytics");
    add_server_options(command, options->server);
    on_run(command, [options] { return run_query(*options); });
}

}  // namespace atlas::cli
