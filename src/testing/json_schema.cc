// SPDX-License-Identifier: Apache-2.0
#include "testing/json_schema.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <regex>
#include <set>
#include <stdexcept>

namespace atlas::test {
namespace {

namespace json = boost::json;

bool has_type(const json::value& value, std::string_view type) {
    if (type == "object") return value.is_object();
    if (type == "array") return value.is_array();
    if (type == "string") return value.is_string();
    if (type == "boolean") return value.is_bool();
    if (type == "null") return value.is_null();
    if (type == "integer") return value.is_int64() || value.is_uint64();
    if (type == "number") return value.is_number();
    throw std::logic_error("unknown type " + std::string(type));
}

bool has_one_type(const json::value& value, const json::value& types) {
    if (types.is_string()) return has_type(value, types.as_string());
    return std::ranges::any_of(types.as_array(), [&](const json::value& type) {
        return has_type(value, type.as_string());
    });
}

bool says_nothing(std::string_view keyword) {
    static const std::set<std::string_view> kKeywords = {"description", "default", "example",
                                                         "format"};
    return kKeywords.contains(keyword);
}

// Boost compares numbers of different kinds as different.
bool equal(const json::value& a, const json::value& b) {
    if (a.is_number() && b.is_number()) return a.to_number<double>() == b.to_number<double>();
    return a == b;
}

}  // namespace

const json::value* JsonSchemas::resolve(const json::value* schema) const {
    const json::value* reference =
        schema->is_object() ? schema->as_object().if_contains("$ref") : nullptr;
    if (reference == nullptr) return schema;
    const std::string_view target = reference->as_string();
    json::error_code error;
    const json::value* found = document_.find_pointer(target.substr(1), error);
    if (found == nullptr) throw std::logic_error("nothing at " + std::string(target));
    return resolve(found);
}

JsonSchemas::Faults JsonSchemas::faults(const json::value& schema, const json::value& value) const {
    Faults out;
    check(schema, value, "", out);
    return out;
}

void JsonSchemas::check(const json::value& schema, const json::value& value,
                        const std::string& place, Faults& out) const {
    const json::object& rules = resolve(&schema)->as_object();
    for (const auto& [keyword, rule] : rules) {
        check_keyword(keyword, rule, rules, value, place, out);
    }
}

void JsonSchemas::check_keyword(std::string_view keyword, const json::value& rule,
                                const json::object& schema, const json::value& value,
                                const std::string& place, Faults& out) const {
    if (says_nothing(keyword)) return;
    if (keyword == "type") {
        if (!has_one_type(value, rule)) {
            out.push_back(fmt::format("{}: {} is no {}", place, json::serialize(value),
                                      json::serialize(rule)));
        }
    } else if (keyword == "const") {
        if (!equal(value, rule)) out.push_back(place + ": is not " + json::serialize(rule));
    } else if (keyword == "enum") {
        const bool known = std::ranges::any_of(
            rule.as_array(), [&](const json::value& one) { return equal(value, one); });
        if (!known) out.push_back(place + ": " + json::serialize(value) + " is not in the list");
    } else if (keyword == "allOf") {
        for (const json::value& one : rule.as_array()) check(one, value, place, out);
    } else if (keyword == "anyOf") {
        const bool fits = std::ranges::any_of(
            rule.as_array(), [&](const json::value& one) { return faults(one, value).empty(); });
        if (!fits) out.push_back(place + ": fits none of the alternatives");
    } else if (keyword == "items") {
        for (std::size_t i = 0; value.is_array() && i < value.as_array().size(); ++i) {
            check(rule, value.as_array()[i], fmt::format("{}/{}", place, i), out);
        }
    } else if (keyword == "required" || keyword == "properties" ||
               keyword == "additionalProperties") {
        if (value.is_object()) check_object(keyword, rule, schema, value, place, out);
    } else {
        check_bounds(keyword, rule, value, place, out);
    }
}

void JsonSchemas::check_object(std::string_view keyword, const json::value& rule,
                               const json::object& schema, const json::value& value,
                               const std::string& place, Faults& out) const {
    const json::object& object = value.as_object();
    if (keyword == "required") {
        for (const json::value& name : rule.as_array()) {
            if (!object.contains(name.as_string())) {
                out.push_back(place + ": lacks " + std::string(name.as_string()));
            }
        }
        return;
    }
    const json::value* properties = schema.if_contains("properties");
    for (const auto& [name, member] : object) {
        const json::value* own =
            properties == nullptr ? nullptr : properties->as_object().if_contains(name);
        const std::string where = place + "/" + std::string(name);
        if (keyword == "properties") {
            if (own != nullptr) check(*own, member, where, out);
        } else if (own == nullptr && rule.is_object()) {
            check(rule, member, where, out);
        } else if (own == nullptr && rule == false) {
            out.push_back(where + ": is not in the schema");
        }
    }
}

void JsonSchemas::check_bounds(std::string_view keyword, const json::value& rule,
                               const json::value& value, const std::string& place,
                               Faults& out) const {
    const auto fault = [&] {
        out.push_back(fmt::format("{}: {} breaks {} {}", place, json::serialize(value), keyword,
                                  json::serialize(rule)));
    };
    if (keyword == "pattern") {
        if (value.is_string() && !std::regex_search(std::string(value.as_string()),
                                                    std::regex(std::string(rule.as_string())))) {
            fault();
        }
        return;
    }
    const double bound = rule.to_number<double>();
    if (keyword == "minimum") {
        if (value.is_number() && value.to_number<double>() < bound) fault();
    } else if (keyword == "minItems" || keyword == "maxItems") {
        const double size = value.is_array() ? static_cast<double>(value.as_array().size()) : bound;
        if (keyword == "minItems" ? size < bound : size > bound) fault();
    } else if (keyword == "minLength" || keyword == "maxLength") {
        const double size =
            value.is_string() ? static_cast<double>(value.as_string().size()) : bound;
        if (keyword == "minLength" ? size < bound : size > bound) fault();
    } else {
        throw std::logic_error("a keyword that this validator does not know: " +
                               std::string(keyword));
    }
}

}  // namespace atlas::test
