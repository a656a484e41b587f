// SPDX-License-Identifier: Apache-2.0
//
// atlas series ENTITY ATTR…
#include <fmt/format.h>

#include <map>
#include <memory>

#include "cli/command_list.h"
#include "cli/entity_table.h"
#include "cli/server.h"
#include "client/url.h"

namespace atlas::cli {
namespace {

constexpr std::size_t kSparkWidth = 60;

struct SeriesOptions {
    ServerOptions server;
    std::string entity;
    std::vector<std::string> attributes;
    std::string last = "1h";
    std::string from;
    std::string to;
    std::string step;
    std::string zone;
    std::string agg;
    std::size_t limit = 20;
};

std::string target_of(const SeriesOptions& options, const std::string& page_token) {
    std::string names;
    for (const auto& name : options.attributes) {
        if (!names.empty()) names += ',';
        names += quote_name(name);
    }
    std::string from = options.from;
    if (from.empty()) {
        const auto back = parse_duration(options.last);
        if (!back) throw CommandError("--last must be a duration such as 15m, 6h or 7d", 2);
        from = format_rfc3339(now() - *back);
    }
    return client::Target("/v1/entities/" + client::percent_encode(options.entity) + "/series")
        .add("attributes", names)
        .add("from", from)
        .add("to", options.to)
        .add("step", options.step)
        .add("timezone", options.zone)
        .add("agg", options.agg)
        .add("page_size", "100000")
        .add("page_token", page_token)
        .str();
}

// One curve per attribute and aggregate, its points by time.
struct Curve {
    std::string name;
    std::string unit;
    std::map<std::string, boost::json::value> points;
};

void add_series(const boost::json::value& series, std::map<std::string, Curve>& curves) {
    const auto* columns = member(series, "columns").if_array();
    const auto* points = member(series, "points").if_array();
    if (columns == nullptr || points == nullptr) return;
    for (std::size_t i = 1; i < columns->size(); ++i) {
        std::string name = text_of(series, "attribute");
        if (columns->at(i) != "value") name += fmt::format(" {}", show_value(columns->at(i)));
        Curve& curve = curves[name];
        curve.name = name;
        curve.unit = text_of(series, "unit");
        for (const auto& point : *points) {
            const auto* row = point.if_array();
            if (row == nullptr || row->size() <= i || !row->at(0).is_string()) continue;
            curve.points[std::string(row->at(0).get_string())] = row->at(i);
        }
    }
}

void print_summary(const std::map<std::string, Curve>& curves, const Terminal& terminal) {
    Table table({{"curve"}, {"points", true}, {"min", true}, {"max", true}, {"last", true}, {""}});
    for (const auto& [name, curve] : curves) {
        std::vector<double> numbers;
        for (const auto& [time, value] : curve.points) {
            if (value.is_number()) numbers.push_back(value.to_number<double>());
        }
        std::vector<std::string> row{harmless(name),
                                     with_thousands(std::to_string(curve.points.size())),
                                     "",
                                     "",
                                     "",
                                     sparkline(numbers, kSparkWidth)};
        if (!numbers.empty()) {
            const auto [least, greatest] = std::minmax_element(numbers.begin(), numbers.end());
            row[2] = with_unit(*least, curve.unit);
            row[3] = with_unit(*greatest, curve.unit);
        }
        if (!curve.points.empty()) {
            row[4] = show_with_unit(curve.points.rbegin()->second, curve.unit);
        }
        table.add(std::move(row));
    }
    table.print(terminal);
}

// The latest points, newest last.
void print_points(const std::map<std::string, Curve>& curves, const Terminal& terminal,
                  std::size_t limit) {
    std::map<std::string, std::vector<std::string>> rows;
    std::vector<Table::Column> columns{{"time"}};
    for (const auto& [name, curve] : curves) {
        columns.push_back({name, true});
        for (const auto& [time, value] : curve.points) {
            auto& row = rows[time];
            row.resize(columns.size());
            row[0] = time;
            row.back() = show_with_unit(value, curve.unit);
        }
    }
    Table table(columns);
    auto at = rows.begin();
    if (rows.size() > limit) std::advance(at, rows.size() - limit);
    for (; at != rows.end(); ++at) {
        at->second.resize(columns.size());
        table.add(at->second);
    }
    fmt::print("\n");
    table.print(terminal);
    if (rows.size() > limit) {
        fmt::print(stderr,
                   "showing the latest {} of {} instants; --json or a larger --limit shows all\n",
                   limit, rows.size());
    }
}

int run_series(const SeriesOptions& options) {
    Api api(options.server);
    std::map<std::string, Curve> curves;
    boost::json::value metadata;
    for_each_page(
        api, [&](const std::string& page_token) { return target_of(options, page_token); },
        [&](const std::string& body) {
            if (options.server.json) {
                for (const auto& item : raw_items(body, "series")) fmt::print("{}\n", item);
                return true;
            }
            const auto response = Api::parse(body);
            if (const auto* list = member(response, "series").if_array()) {
                for (const auto& series : *list) add_series(series, curves);
            }
            metadata = member(response, "_metadata");
            return true;
        });
    if (options.server.json) return 0;
    const Terminal terminal = stdout_terminal();
    print_summary(curves, terminal);
    print_points(curves, terminal, options.limit);
    fmt::print(stderr, "{}\n", describe_metadata(metadata));
    return 0;
}

}  // namespace

void add_series(CLI::App& app) {
    auto options = std::make_shared<SeriesOptions>();
    auto& command = *app.add_subcommand("series", "Show the history of an entity's attributes");
    command.add_option("entity", options->entity, "External id of the entity")->required();
    command.add_option("attributes", options->attributes, "Names of attributes")->required();
    command.add_option("--last", options->last, "How far back, for example 15m, 6h, 7d")
        ->capture_default_str();
    command.add_option("--from", options->from, "Start, RFC 3339; replaces --last");
    command.add_option("--to", options->to, "End, RFC 3339");
    command.add_option("--step", options->step, "Width of the buckets, for example 60s, 1d, 1mo");
    command.add_option("--timezone", options->zone,
                       "Zone whose days, weeks, months or years the buckets are");
    command.add_option("--agg", options->agg,
                       "Aggregates: avg,min,max,sum,count,first,last,p50,p95,p99");
    command.add_option("-n,--limit", options->limit, "Maximum number of instants, the latest")
        ->capture_default_str()
        ->check(CLI::PositiveNumber);
    add_server_options(command, options->server);
    on_run(command, [options] { return run_series(*options); });
}

}  // namespace atlas::cli
