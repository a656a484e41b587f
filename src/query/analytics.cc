// SPDX-License-Identifier: Apache-2.0
#include "query/analytics.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>

#include "query/body_fields.h"

namespace atlas::query {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxParameters = 100;

struct FormatWords {
    std::string_view word;
    std::string_view type;
};
constexpr std::array<FormatWords, 4> kFormats{{
    {"json", "application/json"},
    {"ndjson", "application/x-ndjson"},
    {"csv", "text/csv"},
    {"parquet", "application/vnd.apache.parquet"},
}};

ParameterValue read_value(BodyFields& fields, const std::string& path, const json::value& value) {
    if (value.is_null()) return std::monostate{};
    if (value.is_bool()) return value.get_bool();
    if (value.is_int64()) return value.get_int64();
    if (value.is_uint64()) return std::to_string(value.get_uint64());
    if (value.is_double()) return value.get_double();
    if (value.is_string()) return std::string(value.get_string().data(), value.get_string().size());
    fields.refuse(path, "must be null, a boolean, a number or a string");
    return std::monostate{};
}

std::vector<std::pair<std::string, ParameterValue>> read_named(BodyFields& fields,
                                                               const json::object& object) {
    std::vector<std::pair<std::string, ParameterValue>> named;
    if (object.size() > kMaxParameters) {
        fields.refuse("params", fmt::format("may hold at most {} parameters", kMaxParameters));
        return named;
    }
    for (const auto& field : object) {
        std::string name(field.key().data(), field.key().size());
        auto value = read_value(fields, "params." + name, field.value());
        named.emplace_back(std::move(name), std::move(value));
    }
    return named;
}

std::string_view trimmed(std::string_view text) {
    while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
    while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
    return text;
}

// The quality that a range of Accept gives: "text/csv; q=0.5".
double quality(std::string_view range) {
    while (range.find(';') != std::string_view::npos) {
        range.remove_prefix(range.find(';') + 1);
        const std::string_view parameter = trimmed(range.substr(0, range.find(';')));
        if (!parameter.starts_with("q=") && !parameter.starts_with("Q=")) continue;
        return std::strtod(std::string(parameter.substr(2)).c_str(), nullptr);
    }
    return 1;
}

std::optional<ResultFormat> format_of_type(std::string_view type) {
    if (type == "*/*" || type == "application/*") return ResultFormat::json;
    if (type == "text/*") return ResultFormat::csv;
    if (type == "application/ndjson") return ResultFormat::ndjson;
    const auto found = std::ranges::find(kFormats, type, &FormatWords::type);
    if (found == kFormats.end()) return std::nullopt;
    return static_cast<ResultFormat>(found - kFormats.begin());
}

}  // namespace

std::string_view to_string(ResultFormat format) {
    return kFormats[static_cast<std::size_t>(format)].word;
}

std::string_view content_type(ResultFormat format) {
    return kFormats[static_cast<std::size_t>(format)].type;
}

std::optional<ResultFormat> parse_format(std::string_view word) {
    const auto found = std::ranges::find(kFormats, word, &FormatWords::word);
    if (found == kFormats.end()) return std::nullopt;
    return static_cast<ResultFormat>(found - kFormats.begin());
}

std::optional<ResultFormat> accepted_format(std::string_view accept) {
    if (trimmed(accept).empty()) return ResultFormat::json;
    std::optional<ResultFormat> best;
    double best_quality = 0;
    while (!accept.empty()) {
        const std::string_view range = accept.substr(0, accept.find(','));
        accept.remove_prefix(std::min(accept.size(), range.size() + 1));
        const auto format = format_of_type(trimmed(range.substr(0, range.find(';'))));
        if (!format || quality(range) <= best_quality) continue;
        best = format;
        best_quality = quality(range);
    }
    return best;
}

Answer<SqlRequest> parse_sql_request(std::string_view text) {
    const auto body = parse_body(text);
    if (!body) return failure(body.error());
    std::optional<Error> fault;
    BodyFields fields(*body, "", {"sql", "params"}, fault);
    SqlRequest request;
    const auto sql = fields.text("sql");
    if (!sql) fields.refuse("sql", "must be the text of one statement");
    request.sql = sql.value_or("");
    const auto* params = fields.find("params");
    if (params != nullptr && params->is_object()) {
        request.named = read_named(fields, params->get_object());
    } else if (params != nullptr) {
        const auto* items = fields.array("params", kMaxParameters);
        for (std::size_t i = 0; items != nullptr && i < items->size(); ++i) {
            request.params.push_back(read_value(fields, fmt::format("params[{}]", i), (*items)[i]));
        }
    }
    if (fault) return failure(std::move(*fault));
    return request;
}

Answer<NamedRequest> parse_named_request(std::string name, std::string_view text) {
    const auto body = parse_body(text, true);
    if (!body) return failure(body.error());
    std::optional<Error> fault;
    BodyFields fields(*body, "", {"params"}, fault);
    NamedRequest request{.name = std::move(name)};
    if (const auto* params = fields.find("params")) {
        if (params->is_object()) {
            request.params = read_named(fields, params->get_object());
        } else {
            fields.refuse("params", "must be an object, a parameter's name to its value");
        }
    }
    if (fault) return failure(std::move(*fault));
    return request;
}

Answer<ExportRequest> parse_export_request(std::string_view text) {
    const auto body = parse_body(text, true);
    if (!body) return failure(body.error());
    std::optional<Error> fault;
    BodyFields fields(*body, "", {"filter", "attributes", "from", "to", "format"}, fault);
    ExportRequest request;
    request.filter = fields.parsed(parse_filter, "filter");
    request.from = fields.time("from");
    request.to = fields.time("to");
    if (request.from && request.to && *request.from >= *request.to) {
        fields.refuse("from", "must be before to");
    }
    const auto names = fields.text("attributes");
    auto list = parse_names(names && !names->empty() ? *names : "*", "attributes");
    if (list) request.attributes = std::move(*list);
    if (!list) fields.refuse("attributes", "must be a list of names, or *: " + list.error().detail);
    const auto format = fields.text("format");
    const auto parsed = format ? parse_format(*format) : std::optional(ResultFormat::ndjson);
    if (!parsed || parsed == ResultFormat::json) {
        fields.refuse("format", "must be ndjson, csv or parquet");
    }
    request.format = parsed.value_or(ResultFormat::ndjson);
    if (fault) return failure(std::move(*fault));
    return request;
}

Answer<void> bind(ExportRequest& request, const model::TenantCatalog& catalog) {
    for (std::string& name : request.attributes.names) {
        const model::Attribute* attribute = catalog.find(name);
        if (attribute != nullptr) {
            name = attribute->name;  // it may have been renamed
            continue;
        }
        Error error = unknown_attribute(name);
        error.parameter = "attributes";
        return failure(std::move(error));
    }
    return bind_filter(request.filter, catalog);
}

}  // namespace atlas::query
