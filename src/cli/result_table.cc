// SPDX-License-Identifier: Apache-2.0
#include "cli/result_table.h"

#include <fmt/format.h>
#include <simdjson.h>

#include "cli/command_list.h"
#include "cli/present.h"
#include "cli/server.h"

namespace atlas::cli {
namespace {

namespace ondemand = simdjson::ondemand;

[[noreturn]] void throw_foreign() {
    throw CommandError("the server's response is no table: check that --url is an Atlas");
}

template <class T>
T expect(simdjson::simdjson_result<T>&& result) {
    T value;
    if (std::move(result).get(value) != simdjson::SUCCESS) throw_foreign();
    return value;
}

std::string cell_of(ondemand::value value) {
    switch (expect(value.type())) {
        case ondemand::json_type::null: return "";
        case ondemand::json_type::string: return std::string(expect(value.get_string()));
        case ondemand::json_type::array:
            return std::string(expect(expect(value.get_array()).raw_json()));
        case ondemand::json_type::object:
            return std::string(expect(expect(value.get_object()).raw_json()));
        case ondemand::json_type::number:
        case ondemand::json_type::boolean: break;
    }
    std::string_view token = value.raw_json_token();
    while (token.ends_with(' ') || token.ends_with('\n')) token.remove_suffix(1);
    return std::string(token);
}

// The JSON of a member that is an object; empty where there is none.
std::string object_text(ondemand::document& document, std::string_view name) {
    ondemand::object object;
    if (document[name].get_object().get(object) != simdjson::SUCCESS) return "";
    return std::string(expect(object.raw_json()));
}

bool is_number(const std::string& type) {
    return type == "int" || type == "double" || type == "decimal";
}

void print_warnings(const boost::json::value& metadata) {
    const auto* warnings = member(metadata, "warnings").if_array();
    if (warnings == nullptr) return;
    for (const auto& warning : *warnings) {
        fmt::print(stderr, "warning: {}\n", harmless(text_of(warning, "detail")));
    }
}

}  // namespace

ResultTable read_result(const std::string& body) {
    ResultTable result;
    ondemand::parser parser;
    const simdjson::padded_string padded(body);
    ondemand::document document;
    if (parser.iterate(padded).get(document) != simdjson::SUCCESS) throw_foreign();
    for (auto item : expect(document["columns"].get_array())) {
        ondemand::object column = expect(item.get_object());
        std::string name(expect(column["name"].get_string()));
        result.columns.push_back(
            {std::move(name), std::string(expect(column["type"].get_string()))});
    }
    for (auto item : expect(document["rows"].get_array())) {
        auto& row = result.rows.emplace_back();
        for (simdjson::simdjson_result<ondemand::value> cell : expect(item.get_array())) {
            row.push_back(cell_of(expect(static_cast<decltype(cell)&&>(cell))));
        }
        if (row.size() != result.columns.size()) throw_foreign();
    }
    result.plan = object_text(document, "plan");
    bool truncated = false;
    if (document["truncated"].get_bool().get(truncated) == simdjson::SUCCESS) {
        result.truncated = truncated;
    }
    const std::string metadata = object_text(document, "_metadata");
    if (!metadata.empty()) result.metadata = Api::parse(metadata);
    return result;
}

void print_result(const ResultTable& result) {
    std::vector<Table::Column> columns;
    columns.reserve(result.columns.size());
    for (const auto& column : result.columns) {
        columns.push_back({harmless(column.name), is_number(column.type)});
    }
    Table table(std::move(columns));
    for (const auto& row : result.rows) {
        std::vector<std::string> cells;
        cells.reserve(row.size());
        for (const auto& cell : row) cells.push_back(harmless(cell));
        table.add(std::move(cells));
    }
    const std::size_t left_out = table.print(stdout_terminal());
    std::string summary = fmt::format("{} {}", with_thousands(std::to_string(result.rows.size())),
                                      result.rows.size() == 1 ? "row" : "rows");
    if (result.truncated) summary += ", cut by the server's limit";
    if (left_out > 0) summary += fmt::format(", {} columns do not fit: use --format", left_out);
    fmt::print(stderr, "{} · data as of {} · {}\n", summary,
               harmless(text_of(result.metadata, "as_of")), describe_metadata(result.metadata));
    if (!result.plan.empty()) fmt::print(stderr, "plan: {}\n", harmless(result.plan));
    print_warnings(result.metadata);
}

}  // namespace atlas::cli
