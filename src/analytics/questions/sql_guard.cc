// SPDX-License-Identifier: Apache-2.0
#include "analytics/questions/sql_guard.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string>
#include <vector>

#include "analytics/questions/sql_growth.h"
#include "analytics/questions/sql_size.h"
#include "analytics/questions/sql_tree.h"

namespace atlas::analytics {
namespace {

namespace json = boost::json;
using query::Error;
using query::ErrorCode;
using Name = std::string_view;

// The store's parser nests an expression some three levels of JSON deep.
constexpr std::size_t kMaxDepth = 1024;
constexpr std::int64_t kMaxNodes = 100'000;

constexpr auto kExpressions = std::to_array<Name>({
    "BETWEEN",
    "CASE",
    "CAST",
    "COLLATE",
    "COLUMN_REF",
    "COMPARISON",
    "CONJUNCTION",
    "CONSTANT",
    "FUNCTION",
    "LAMBDA",
    "LAMBDA_REF",
    "OPERATOR",
    "PARAMETER",
    "POSITIONAL_REFERENCE",
    "STAR",
    "SUBQUERY",
    "WINDOW",
});

// Queries, what they select from, and what orders and limits them.
constexpr auto kNodes = std::to_array<Name>({
    "BASE_TABLE",
    "CTE_NODE",
    "DISTINCT_MODIFIER",
    "EMPTY",
    "EXPRESSION_LIST",
    "JOIN",
    "LIMIT_MODIFIER",
    "LIMIT_PERCENT_MODIFIER",
    "ORDER_ASCENDING",
    "ORDER_DEFAULT",
    "ORDER_DESCENDING",
    "ORDER_MODIFIER",
    "PIVOT",
    "RECURSIVE_CTE_NODE",
    "SELECT_NODE",
    "SET_OPERATION_NODE",
    "SUBQUERY",
    "TABLE_FUNCTION",
    "ASCENDING",
    "DESCENDING",
});

template <std::size_t size>
bool holds(const std::array<Name, size>& names, Name name) {
    return std::ranges::find(names, name) != names.end();
}

class Guard {
public:
    explicit Guard(Name sql) : sql_(sql) {}

    void visit(const json::value& value) {
        if (error_) return;
        if (value.is_array()) {
            for (const json::value& item : value.get_array()) visit(item);
        } else if (value.is_object()) {
            visit_object(value.get_object());
        }
    }

    std::optional<Error>& error() { return error_; }

private:
    void visit_object(const json::object& object) {
        if (++nodes_ > kMaxNodes) return refuse(object, "so long a statement");
        const Name kind = text_of(object, "type");
        if (object.contains("class")) {
            const Name expression = text_of(object, "class");
            if (!holds(kExpressions, expression)) {
                return refuse(object, fmt::format("an expression of the kind {}", expression));
            }
            if (expression == "CONSTANT") return;
            if (expression == "FUNCTION" || expression == "WINDOW") check_function(object);
        } else if (!kind.empty()) {
            visit_node(object, kind);
            return;
        }
        visit_fields(object);
    }

    void visit_node(const json::object& object, Name kind) {
        if (!holds(kNodes, kind)) return refuse(object, describe(object, kind));
        if (kind == "BASE_TABLE") check_table(object);
        if (kind == "TABLE_FUNCTION") return visit_table_function(object);
        const std::size_t outer = scope_.size();
        if (kind == "RECURSIVE_CTE_NODE") scope_.push_back(lower(text_of(object, "cte_name")));
        visit_ctes(part(object, "cte_map"));
        visit_fields(object);
        scope_.resize(outer);
    }

    // A common table expression sees those before it; what it names is seen after it.
    void visit_ctes(const json::value& map) {
        if (!map.is_object()) return;
        for (const json::value& entry : items(map.get_object(), "map")) {
            if (!entry.is_object() || error_) return;
            visit(entry.get_object().at("value"));
            scope_.push_back(lower(text_of(entry.get_object(), "key")));
        }
    }

    void visit_fields(const json::object& object) {
        for (const auto& field : object) {
            const Name name(field.key().data(), field.key().size());
            if (name == "cte_map") continue;
            if (name == "cast_type") {
                check_type(field.value());
                continue;
            }
            // Values of constants: of samples, of pivots.
            if (field.value().is_object() && is_constant(field.value().get_object())) continue;
            if (name == "values" && is_constants(field.value())) continue;
            visit(field.value());
        }
    }

    static bool is_constant(const json::object& object) {
        return object.contains("is_null") && object.contains("type") && !object.contains("class");
    }
    static bool is_constants(const json::value& value) {
        return value.is_array() && std::ranges::all_of(value.get_array(), [](const auto& item) {
                   return item.is_object() && is_constant(item.get_object());
               });
    }

    void check_table(const json::object& table) {
        const Name name = text_of(table, "table_name");
        const Name schema = text_of(table, "schema_name");
        const Name catalog = text_of(table, "catalog_name");
        std::string full(name);
        if (!schema.empty()) full = fmt::format("{}.{}", schema, full);
        if (!catalog.empty()) full = fmt::format("{}.{}", catalog, full);
        if (!part(table, "at_clause").is_null()) return refuse(table, full + " AT");
        const std::string plain = lower(name);
        const bool known = std::ranges::find(scope_, plain) != scope_.end();
        if (full == name && (known || is_public_relation(plain))) return;
        refuse(table, "the relation " + full);
    }

    // A type may name others: of the fields of a STRUCT, of the items of a list.
    void check_type(const json::value& value) {
        if (value.is_array()) {
            for (const json::value& item : value.get_array()) check_type(item);
        }
        if (!value.is_object()) return;
        const json::object& type = value.get_object();
        const Name schema = text_of(type, "schema");
        const Name catalog = text_of(type, "catalog");
        if (!schema.empty() || !catalog.empty()) {
            return refuse(type, fmt::format("the type {}.{}", schema, text_of(type, "name")));
        }
        for (const auto& field : type) check_type(field.value());
    }

    void check_function(const json::object& function) {
        const Name name = text_of(function, "function_name");
        const Name schema = text_of(function, "schema");
        const Name catalog = text_of(function, "catalog");
        // The parser itself writes "main" for what brackets and operators mean.
        const bool plain = (schema.empty() || schema == "main") && catalog.empty();
        if (plain && is_allowed_function(lower(name))) return;
        refuse(function,
               fmt::format("the function {}{}{}", schema, schema.empty() ? "" : ".", name));
    }

    void visit_table_function(const json::object& table) {
        const json::value& function = part(table, "function");
        const bool is_call =
            function.is_object() && text_of(function.get_object(), "class") == "FUNCTION";
        if (!is_call) return refuse(table, "this table function");
        const json::object& call = function.get_object();
        const Name name = text_of(call, "function_name");
        const bool plain = text_of(call, "schema").empty() && text_of(call, "catalog").empty();
        if (!plain || !is_allowed_table_function(lower(name))) {
            return refuse(table, fmt::format("the table function {}", name));
        }
        visit_fields(call);
    }

    static std::string describe(const json::object& object, Name kind) {
        if (kind != "SHOW_REF") return fmt::format("a part of the kind {}", kind);
        return fmt::format("{} (DESCRIBE, SHOW or SUMMARIZE)", text_of(object, "show_type"));
    }

    void refuse(const json::object& object, std::string what) {
        if (error_) return;
        error_ = Error{
            .code = ErrorCode::sql_not_allowed,
            .detail = fmt::format(
                "This statement may not use {}. It may read fact_telemetry, fact_current_state, "
                "dim_entities, dim_attributes, dim_tenants and agg_daily_entity_stats, by these "
                "names alone, and use functions that compute; docs/analytics.md lists them.",
                what)};
        const json::value& at = part(object, "query_location");
        if (at.is_int64() && at.get_int64() >= 0 &&
            static_cast<std::size_t>(at.get_int64()) <= sql_.size()) {
            error_->position = position_in(sql_, static_cast<std::size_t>(at.get_int64()));
        }
    }

    const Name sql_;
    std::vector<std::string> scope_;  // names of common table expressions, in lower case
    std::int64_t nodes_ = 0;
    std::optional<Error> error_;
};

// What a statement of the store's is that its parser writes as several.
bool is_pivot(Name sql) {
    return has_word(sql, "pivot") || has_word(sql, "pivot_wider");
}

Error unparsed(const json::object& result, Name sql) {
    if (text_of(result, "error_type") == "not implemented" && is_pivot(sql)) {
        return {.code = ErrorCode::sql_not_allowed,
                .detail =
                    "PIVOT must list the values that become columns, as in FROM "
                    "fact_telemetry PIVOT (avg(value_number) FOR attribute_name IN "
                    "('pressure', 'cycles') GROUP BY external_id): without IN it would be "
                    "several statements.",
                .position = 1};
    }
    if (text_of(result, "error_type") == "not implemented") {
        return {.code = ErrorCode::sql_not_allowed,
                .detail =
                    "Analytics SQL is read-only: the statement must be a query that begins with "
                    "SELECT, WITH, FROM or VALUES.",
                .position = 1};
    }
    Error error{.code = ErrorCode::invalid_sql,
                .detail = fmt::format("The statement does not parse: {}.",
                                      without_advice(text_of(result, "error_message")))};
    const Name at = text_of(result, "position");
    std::uint32_t character = 0;
    const auto read = std::from_chars(at.data(), at.data() + at.size(), character);
    // Of a syntax error the parser counts characters, elsewhere bytes.
    if (!at.empty() && read.ec == std::errc{} && character <= sql.size()) {
        error.position = character + 1;
    }
    return error;
}

Error not_one(std::size_t statements) {
    return {.code = ErrorCode::invalid_sql,
            .detail = statements == 0 ? "The text holds no statement: send one query."
                                      : "The text holds several statements: send one at a time.",
            .position = 1};
}

Error unreadable(const json::error_code& error) {
    if (error == json::error::too_deep) {
        return {.code = ErrorCode::sql_not_allowed,
                .detail =
                    "The statement is nested too deeply: write it with fewer brackets and "
                    "queries in each other, or in parts with WITH.",
                .position = 1};
    }
    // The parser writes an infinite literal as a word that JSON does not have.
    return {.code = ErrorCode::sql_not_allowed,
            .detail =
                "The statement holds a number beyond the range of a double, such as 1e400: "
                "write 'infinity'::DOUBLE for infinity, or a smaller number.",
            .position = 1};
}

}  // namespace

std::string without_advice(std::string_view message) {
    if (message.find("max_expression_depth") != Name::npos ||
        message.find("memory exhausted at or near") != Name::npos) {
        return "it is nested too deeply; write it with fewer brackets and shorter chains of "
               "operators, or in parts with WITH";
    }
    std::size_t end = message.find("SET ");
    while (end != Name::npos && end > 0 && message[end - 1] != '"') {
        end = message.find("SET ", end + 1);
    }
    if (end == Name::npos || end == 0) return std::string(message);
    // The sentence before the one that names a setting.
    message = message.substr(0, end);
    end = message.find_last_of(".\n");
    message = message.substr(0, end == Name::npos ? 0 : end);
    while (message.ends_with('\n') || message.ends_with('.') || message.ends_with(' ')) {
        message.remove_suffix(1);
    }
    return message.empty() ? "the store refuses it" : std::string(message);
}

std::uint32_t position_in(std::string_view sql, std::size_t byte) {
    const std::string_view before = sql.substr(0, byte);
    const auto characters = std::ranges::count_if(
        before, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; });
    return static_cast<std::uint32_t>(characters) + 1;
}

query::Answer<void> check_statement(std::string_view serialized, std::string_view sql,
                                    std::string_view param_texts) {
    json::parse_options options;
    options.max_depth = kMaxDepth;
    json::error_code error;
    const json::value value =
        json::parse({serialized.data(), serialized.size()}, error, {}, options);
    if (error || !value.is_object()) {
        return failure(unreadable(error));
    }
    const json::object& result = value.get_object();
    const auto* failed = result.if_contains("error");
    if (failed == nullptr || !failed->is_bool() || failed->get_bool()) {
        return failure(unparsed(result, sql));
    }
    const json::array& statements = result.at("statements").as_array();
    if (statements.size() != 1) return failure(not_one(statements.size()));
    Guard guard(sql);
    guard.visit(statements.front());
    if (guard.error()) return failure(std::move(*guard.error()));
    const json::object& statement = statements.front().as_object();
    if (auto small = check_growth(statement, param_texts); !small) return small;
    return check_size(statement);
}

}  // namespace atlas::analytics
