// SPDX-License-Identifier: Apache-2.0
//
// atlas analytics, atlas analytics NAME, atlas analytics sql TEXT
#include <fmt/format.h>

#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>

#include "cli/command_list.h"
#include "cli/download.h"
#include "cli/present.h"
#include "cli/result_table.h"
#include "cli/server.h"
#include "client/url.h"

namespace atlas::cli {
namespace {

// The server ends a question at its own limit; this only notices a server that is gone.
constexpr std::chrono::minutes kPatience{30};

struct AnalyticsOptions {
    ServerOptions server{.response_timeout = kPatience};
    std::string name;  // of a query, or the text of a statement
    std::vector<std::string> params;
    std::string format;
    std::string out;
    bool explain = false;
};

boost::json::value find_query(const boost::json::value& response, const std::string& name) {
    const auto* queries = member(response, "queries").if_array();
    if (queries != nullptr) {
        for (const auto& query : *queries) {
            if (text_of(query, "name") == name) return query;
        }
    }
    throw CommandError(
        fmt::format("there is no query {}; `atlas analytics` lists them", quote_name(name)));
}

std::string describe_params(const boost::json::value& query) {
    const auto* params = member(query, "params").if_array();
    std::string out;
    if (params == nullptr) return out;
    for (const auto& param : *params) {
        if (!out.empty()) out += ' ';
        const std::string fallback = show_value(member(param, "default"));
        out += text_of(param, "name") + '=' +
               (fallback.empty() ? fmt::format("<{}>", text_of(param, "type")) : fallback);
    }
    return harmless(out);
}

int list_queries(const AnalyticsOptions& options) {
    Api api(options.server);
    const std::string body = api.get_text("/v1/analytics/queries");
    if (options.server.json) {
        for (const auto& item : raw_items(body, "queries")) fmt::print("{}\n", item);
        return 0;
    }
    const auto response = Api::parse(body);
    Table table({{"query"}, {"parameters"}, {"description"}});
    if (const auto* queries = member(response, "queries").if_array()) {
        for (const auto& query : *queries) {
            table.add({harmless(text_of(query, "name")), describe_params(query),
                       harmless(text_of(query, "description"))});
        }
    }
    table.print(stdout_terminal());
    fmt::print(stderr, "run one: atlas analytics NAME --param name=value\n");
    return 0;
}

// Text as the kind of value that a parameter takes.
boost::json::value value_of(const std::string& text, const std::string& type,
                            const std::string& name) {
    if (type == "int" || type == "double" || type == "decimal") {
        boost::system::error_code error;
        auto number = boost::json::parse(text, error);
        if (error || !number.is_number() || (type == "int" && number.is_double())) {
            throw CommandError(fmt::format("parameter {} must be {} {}; got \"{}\"", name,
                                           type == "int" ? "an" : "a", type, text),
                               2);
        }
        return number;
    }
    if (type != "bool") return boost::json::value(text);
    if (text != "true" && text != "false") {
        throw CommandError(fmt::format("parameter {} must be true or false", name), 2);
    }
    return boost::json::value(text == "true");
}

boost::json::object read_params(Api& api, const AnalyticsOptions& options) {
    boost::json::object values;
    if (options.params.empty()) return values;
    const auto query = find_query(api.get("/v1/analytics/queries"), options.name);
    const auto* known = member(query, "params").if_array();
    for (const auto& given : options.params) {
        const auto sign = given.find('=');
        if (sign == std::string::npos) {
            throw CommandError(fmt::format("--param must be name=value; got \"{}\"", given), 2);
        }
        const std::string name = given.substr(0, sign);
        const boost::json::value* param = nullptr;
        for (std::size_t i = 0; known != nullptr && i < known->size(); ++i) {
            if (text_of((*known)[i], "name") == name) param = &(*known)[i];
        }
        if (param == nullptr) {
            throw CommandError(fmt::format("{} has no parameter {}; it takes {}", options.name,
                                           quote_name(name), describe_params(query)),
                               2);
        }
        values[name] = value_of(given.substr(sign + 1), text_of(*param, "type"), name);
    }
    return values;
}

// As a table for people, else in the format that was asked for.
int ask(Api& api, const std::string& path, const boost::json::value& body,
        const AnalyticsOptions& options) {
    const bool as_table = options.format.empty() && options.out.empty() && !options.server.json;
    const std::string format = choose_format(options.format, options.out);
    const std::string target = client::Target(path)
                                   .add("format", as_table ? "" : format)
                                   .add("explain", options.explain ? "true" : "")
                                   .str();
    if (as_table) {
        print_result(read_result(api.send_text("POST", target, body)));
        return 0;
    }
    const std::string text = boost::json::serialize(body);
    download(api,
             {.method = "POST", .target = target, .body = text, .content_type = "application/json"},
             options.out);
    return 0;
}

int run_named(const AnalyticsOptions& options) {
    if (options.name.empty()) return list_queries(options);
    Api api(options.server);
    const boost::json::object params = read_params(api, options);
    return ask(api, "/v1/analytics/queries/" + client::percent_encode(options.name),
               boost::json::object{{"params", params}}, options);
}

int run_sql(const AnalyticsOptions& options) {
    Api api(options.server);
    std::string sql = options.name;
    if (sql == "-") sql.assign(std::istreambuf_iterator<char>(std::cin), {});
    return ask(api, "/v1/analytics/sql", boost::json::object{{"sql", sql}}, options);
}

void add_result_options(CLI::App& command, AnalyticsOptions& options) {
    command.add_option("--format", options.format, "Print the result as csv, ndjson or parquet")
        ->check(CLI::IsMember(format_words()));
    command.add_option("--out", options.out, "File for the result; its ending says the format");
    add_server_options(command, options.server);
}

}  // namespace

void add_analytics(CLI::App& app) {
    auto named = std::make_shared<AnalyticsOptions>();
    auto& command = *app.add_subcommand("analytics", "Ask questions about all of history");
    command.add_option("name", named->name, "A query that comes with Atlas; none: list them");
    command.add_option("-p,--param", named->params, "A parameter of the query, as name=value");
    command.add_flag("--explain", named->explain, "Also show how the question is answered");
    add_result_options(command, *named);

    auto statement = std::make_shared<AnalyticsOptions>();
    auto& sql = *command.add_subcommand(
        "sql", "Run a statement of your own that reads the tenant's history");
    sql.add_option("statement", statement->name, "The statement; - reads it from standard input")
        ->required();
    add_result_options(sql, *statement);
    on_run(sql, [statement] { return run_sql(*statement); });
    on_run(command, [named] { return run_named(*named); });
}

}  // namespace atlas::cli
