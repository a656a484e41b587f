// SPDX-License-Identifier: Apache-2.0
#include "http/server/json_body.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "base/json_writer.h"
#include "http/server/problem.h"

namespace atlas::http {
namespace {

Response invalid_json(std::string_view detail) {
    return problem("invalid_json", 400, "Unreadable body", detail);
}

std::string quoted(std::string_view text) {
    std::string out;
    append_json_string(out, text);
    return out;
}

}  // namespace

struct JsonBody::Object {
    boost::json::object fields;
};

JsonBody::JsonBody(const Request& request, std::initializer_list<std::string_view> known,
                   bool may_be_empty)
    : object_(std::make_unique<Object>()) {
    if (request.body.empty() && may_be_empty) return;
    const std::string& type = request.content_type;
    if (!type.empty() && type != "application/json" && type != "application/merge-patch+json") {
        refusal_ = problem("unsupported_media_type", 415, "Unsupported media type",
                           "The body must be JSON with Content-Type: application/json.");
        refusal_->headers.emplace_back("Accept", "application/json");
        return;
    }
    check(request, known);
}

JsonBody::~JsonBody() = default;

void JsonBody::check(const Request& request, std::initializer_list<std::string_view> known) {
    boost::json::error_code error;
    boost::json::value value = boost::json::parse(request.body, error);
    if (error || !value.is_object()) {
        refusal_ = invalid_json(error ? "The body is not JSON: " + error.message()
                                      : "The body must be a JSON object.");
        return;
    }
    object_->fields = std::move(value.as_object());
    for (const auto& field : object_->fields) {
        const std::string_view name(field.key().data(), field.key().size());
        if (std::ranges::find(known, name) == known.end()) {
            refusal_ = problem("unknown_field", 400, "Unknown field",
                               fmt::format("Field \"{}\" is unknown. The object takes {}.", name,
                                           fmt::join(known, ", ")),
                               {{"field", quoted(name)}});
            return;
        }
    }
}

bool JsonBody::has(std::string_view name) const {
    return object_->fields.contains(name);
}

bool JsonBody::is_null(std::string_view name) const {
    const auto* value = object_->fields.if_contains(name);
    return value != nullptr && value->is_null();
}

std::optional<std::string> JsonBody::text(std::string_view name) {
    const auto* value = object_->fields.if_contains(name);
    if (value == nullptr || value->is_null()) return std::nullopt;
    if (!value->is_string()) {
        refuse(name, fmt::format("{} must be a string.", name));
        return std::nullopt;
    }
    return std::string(value->as_string());
}

std::optional<bool> JsonBody::boolean(std::string_view name) {
    const auto* value = object_->fields.if_contains(name);
    if (value == nullptr || value->is_null()) return std::nullopt;
    if (!value->is_bool()) {
        refuse(name, fmt::format("{} must be true or false.", name));
        return std::nullopt;
    }
    return value->as_bool();
}

std::optional<std::vector<std::string>> JsonBody::texts(std::string_view name) {
    const auto* value = object_->fields.if_contains(name);
    if (value == nullptr || value->is_null()) return std::nullopt;
    std::vector<std::string> out;
    if (value->is_array()) {
        for (const auto& item : value->as_array()) {
            if (item.is_string()) out.emplace_back(item.as_string());
        }
    }
    if (!value->is_array() || out.size() != value->as_array().size()) {
        refuse(name, fmt::format("{} must be an array of strings.", name));
        return std::nullopt;
    }
    return out;
}

std::optional<Time> JsonBody::time(std::string_view name) {
    const auto* value = object_->fields.if_contains(name);
    if (value == nullptr || value->is_null()) return std::nullopt;
    std::optional<Time> time;
    if (value->is_string()) {
        const auto& text = value->get_string();
        time = parse_rfc3339({text.data(), text.size()});
    } else if (value->is_int64()) {
        time = time_from_millis(value->get_int64());
    }
    if (!time) {
        refuse(name,
               fmt::format("{} must be an RFC 3339 timestamp with a time zone, or an integer, "
                           "which is always Unix milliseconds.",
                           name));
    }
    return time;
}

void JsonBody::refuse(std::string_view field, std::string_view detail) {
    if (refusal_) return;
    refusal_ = problem("invalid_field", 400, "Invalid field", detail, {{"field", quoted(field)}});
}

}  // namespace atlas::http
