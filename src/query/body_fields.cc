// SPDX-License-Identifier: Apache-2.0
#include "query/body_fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

namespace atlas::query {
namespace {

namespace json = boost::json;

std::string_view view(const json::string& text) {
    return {text.data(), text.size()};
}

}  // namespace

Answer<json::value> parse_body(std::string_view text, bool may_be_empty) {
    if (text.empty() && may_be_empty) return json::value(json::object());
    json::error_code error;
    json::value value = json::parse({text.data(), text.size()}, error);
    if (!error && value.is_object()) return value;
    return failure(Error{.code = ErrorCode::invalid_json,
                         .detail = error ? "The body is not JSON: " + error.message()
                                         : "The body must be a JSON object."});
}

BodyFields::BodyFields(const json::value& value, std::string path,
                       std::initializer_list<std::string_view> known, std::optional<Error>& fault)
    : path_(std::move(path)), fault_(fault) {
    if (fault_) return;
    if (!value.is_object()) {
        fault_ = field_error(path_, path_ + " must be an object.");
        return;
    }
    object_ = &value.get_object();
    for (const auto& field : *object_) {
        const std::string_view name(field.key().data(), field.key().size());
        if (std::ranges::find(known, name) != known.end()) continue;
        fault_ = Error{
            .code = ErrorCode::unknown_field,
            .detail = fmt::format("Field \"{}\" is unknown. {} takes {}.", path_of(name),
                                  path_.empty() ? "The object" : path_, fmt::join(known, ", ")),
            .parameter = path_of(name)};
        return;
    }
}

std::string BodyFields::path_of(std::string_view name) const {
    return path_.empty() ? std::string(name) : fmt::format("{}.{}", path_, name);
}

void BodyFields::refuse(std::string_view name, std::string_view what) {
    if (!fault_) fault_ = field_error(path_of(name), fmt::format("{} {}.", path_of(name), what));
}

void BodyFields::fail(Error error, std::string_view name) {
    if (fault_) return;
    error.parameter = path_of(name);
    fault_ = std::move(error);
}

const json::value* BodyFields::find(std::string_view name) const {
    if (object_ == nullptr || fault_) return nullptr;
    const auto* value = object_->if_contains(name);
    return value == nullptr || value->is_null() ? nullptr : value;
}

std::optional<std::string> BodyFields::text(std::string_view name) {
    const auto* value = find(name);
    if (value == nullptr) return std::nullopt;
    if (value->is_string()) return std::string(view(value->get_string()));
    refuse(name, "must be a string");
    return std::nullopt;
}

std::optional<Time> BodyFields::time(std::string_view name) {
    const auto* value = find(name);
    if (value == nullptr) return std::nullopt;
    std::optional<Time> time;
    if (value->is_string()) time = parse_rfc3339(view(value->get_string()));
    if (value->is_int64()) time = time_from_millis(value->get_int64());
    if (!time) {
        refuse(name,
               "must be an RFC 3339 timestamp with a time zone, or an integer, which is always "
               "Unix milliseconds");
    }
    return time;
}

std::int64_t BodyFields::integer(std::string_view name, std::int64_t fallback, std::int64_t most) {
    const auto* value = find(name);
    if (value == nullptr) return fallback;
    if (value->is_int64() && value->get_int64() >= 1 && value->get_int64() <= most) {
        return value->get_int64();
    }
    refuse(name, fmt::format("must be an integer from 1 to {}", most));
    return fallback;
}

const json::array* BodyFields::array(std::string_view name, std::size_t most) {
    const auto* value = find(name);
    if (value == nullptr) return nullptr;
    if (value->is_array() && value->get_array().size() <= most) return &value->get_array();
    refuse(name, fmt::format("must be an array of at most {} items", most));
    return nullptr;
}

}  // namespace atlas::query
