// SPDX-License-Identifier: Apache-2.0
#include "analytics/questions/named_queries.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <stdexcept>

#include "assets/sql.h"

namespace atlas::analytics {
namespace {

using query::NamedQuery;
using query::ParameterValue;

constexpr std::string_view kFolder = "analytics/queries/";

std::string_view take_line(std::string_view& text) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    return line;
}

std::string_view take_word(std::string_view& text) {
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(word.size());
    return word;
}

NamedQuery::Parameter read_header_line(std::string_view line) {
    NamedQuery::Parameter parameter;
    parameter.name = take_word(line).substr(1);
    parameter.type = take_word(line);
    parameter.is_numeric = parameter.type == "numeric";
    parameter.is_attribute = parameter.is_numeric || parameter.type == "attribute";
    if (parameter.is_attribute) parameter.type = "string";
    const std::string_view fallback = take_word(line);
    if (fallback != "-") parameter.fallback = fallback;
    line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
    parameter.description = line;
    return parameter;
}

NamedQuery read_query(std::string_view path) {
    NamedQuery query;
    query.name = path.substr(kFolder.size());
    query.name.resize(query.name.size() - std::string_view(".sql").size());
    std::string_view text = sql::text(path).text;
    bool described = false;
    while (text.starts_with("--")) {
        std::string_view line = take_line(text).substr(2);
        line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
        if (line.starts_with("SPDX")) continue;
        if (line.empty()) {
            described = !query.description.empty();
        } else if (line.starts_with('$')) {
            query.params.push_back(read_header_line(line));
        } else if (!described) {
            query.description += (query.description.empty() ? "" : " ") + std::string(line);
        }
    }
    query.sql = text.substr(0, text.find_last_not_of('\n') + 1);
    const bool complete = std::ranges::all_of(
        query.params, [](const auto& parameter) { return !parameter.description.empty(); });
    if (query.description.empty() || !complete) {
        throw std::logic_error(fmt::format("sql/{} has no header of a named query", path));
    }
    return query;
}

// "now", "now-7d", or RFC 3339.
std::optional<Time> read_time(std::string_view text, Time now) {
    if (text == "now") return now;
    if (!text.starts_with("now-")) return parse_rfc3339(text);
    const auto ago = parse_duration(text.substr(4));
    return ago ? std::optional(now - *ago) : std::nullopt;
}

std::optional<ParameterValue> convert(std::string_view type, const ParameterValue& value,
                                      Time now) {
    const auto* text = std::get_if<std::string>(&value);
    const auto* integer = std::get_if<std::int64_t>(&value);
    if (type == "timestamp") {
        const auto time = text != nullptr      ? read_time(*text, now)
                          : integer != nullptr ? time_from_millis(*integer)
                                               : std::nullopt;
        if (!time) return std::nullopt;
        return format_rfc3339(*time);
    }
    if (type == "string" && text == nullptr) return std::nullopt;
    if (type == "int" && integer == nullptr) return std::nullopt;
    if (type == "double" && integer == nullptr && !std::holds_alternative<double>(value)) {
        return std::nullopt;
    }
    return value;
}

// A fallback, or a value that a command line gave as text.
ParameterValue typed(std::string_view type, const std::string& text) {
    const char* end = text.data() + text.size();
    if (type == "int") {
        std::int64_t number = 0;
        const auto read = std::from_chars(text.data(), end, number);
        if (read.ec == std::errc{} && read.ptr == end) return number;
    }
    if (type == "double") {
        double number = 0;
        const auto read = std::from_chars(text.data(), end, number);
        if (read.ec == std::errc{} && read.ptr == end) return number;
    }
    return text;
}

bool is_number(model::Type type) {
    return type == model::Type::int64 || type == model::Type::float64 ||
           type == model::Type::decimal;
}

}  // namespace

const std::vector<NamedQuery>& named_queries() {
    static const std::vector<NamedQuery> queries = [] {
        std::vector<NamedQuery> all;
        for (const std::string_view path : sql::list(kFolder)) all.push_back(read_query(path));
        return all;
    }();
    return queries;
}

const NamedQuery* find_named_query(std::string_view name) {
    const auto& all = named_queries();
    const auto found = std::ranges::find(all, name, &NamedQuery::name);
    return found == all.end() ? nullptr : &*found;
}

query::Answer<NamedValues> read_parameters(const NamedQuery& query,
                                           const query::NamedRequest& request, Time now) {
    using Given = NamedValues::value_type;
    for (const auto& [name, value] : request.params) {
        if (std::ranges::find(query.params, name, &NamedQuery::Parameter::name) !=
            query.params.end()) {
            continue;
        }
        return failure(query::field_error(
            "params." + name, fmt::format("{} has no parameter {}.", query.name, name)));
    }
    NamedValues values;
    for (const NamedQuery::Parameter& parameter : query.params) {
        const std::string path = "params." + parameter.name;
        const auto given = std::ranges::find(request.params, parameter.name, &Given::first);
        if (given == request.params.end() && parameter.fallback.empty()) {
            return failure(query::field_error(
                path, fmt::format("{} must be given: {}.", path, parameter.description)));
        }
        ParameterValue value =
            given == request.params.end() ? ParameterValue(parameter.fallback) : given->second;
        if (const auto* text = std::get_if<std::string>(&value)) {
            value = typed(parameter.type, *text);
        }
        auto converted = convert(parameter.type, value, now);
        if (!converted) {
            return failure(
                query::field_error(path, fmt::format("{} must be a {}.", path, parameter.type)));
        }
        values.emplace_back(parameter.name, std::move(*converted));
    }
    return values;
}

query::Answer<void> bind_attributes(const NamedQuery& query, NamedValues& values,
                                    const model::TenantCatalog& catalog) {
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (!query.params[i].is_attribute) continue;
        auto& name = std::get<std::string>(values[i].second);
        if (const model::Attribute* attribute = catalog.find(name)) {
            if (query.params[i].is_numeric && !is_number(attribute->type)) {
                const std::string path = "params." + values[i].first;
                return failure(query::field_error(
                    path, fmt::format("{} must be an int, a double or a decimal; {} is a {}.", path,
                                      attribute->name, model::to_string(attribute->type))));
            }
            name = attribute->name;  // it may have been renamed
            continue;
        }
        query::Error error = query::unknown_attribute(name);
        error.parameter = "params." + values[i].first;
        return failure(std::move(error));
    }
    return {};
}

}  // namespace atlas::analytics
