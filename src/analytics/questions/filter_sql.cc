// SPDX-License-Identifier: Apache-2.0
#include "analytics/questions/filter_sql.h"

#include <fmt/format.h>

#include <cstdlib>

#include "model/convert.h"

namespace atlas::analytics {
namespace {

using model::Type;
using query::Comparison;
using query::Field;
using query::Filter;
using query::Literal;
using query::Op;

std::string_view symbol(Op op) {
    switch (op) {
        case Op::ne: return "<>";
        case Op::lt: return "<";
        case Op::le: return "<=";
        case Op::gt: return ">";
        case Op::ge: return ">=";
        case Op::eq:
        case Op::present: break;
    }
    return "=";
}

// The member of the current state as text, by a JSON pointer (RFC 6901).
std::string member_sql(std::string_view name) {
    std::string pointer = "/";
    for (const char c : name) {
        if (c == '~') {
            pointer += "~0";
        } else if (c == '/') {
            pointer += "~1";
        } else {
            pointer += c;
        }
    }
    return fmt::format("(s.hot_attrs ->> {})", sql_literal(pointer));
}

std::string value_sql(const Comparison& comparison) {
    switch (comparison.field) {
        case Field::type: return "e.entity_type";
        case Field::entity: return "e.external_id";
        case Field::created_at: return "e.created_at";
        case Field::updated_at:
        case Field::attribute: break;
    }
    if (comparison.other_name.empty()) return member_sql(comparison.name);
    return fmt::format("coalesce({}, {})", member_sql(comparison.name),
                       member_sql(comparison.other_name));
}

// Whether the digits fit DECIMAL(38, 18).
bool fits_decimal(std::string_view digits) {
    if (digits.starts_with('-')) digits.remove_prefix(1);
    const auto point = digits.find('.');
    const std::size_t whole = std::min(point, digits.size());
    return whole <= 20 && (point == std::string_view::npos || digits.size() - point - 1 <= 18);
}

std::string number_sql(const std::string& value, Op op, Type type, const Literal& literal,
                       Params& params) {
    const double nearest = std::strtod(literal.text.c_str(), nullptr);
    std::string by_double =
        fmt::format("TRY_CAST({} AS DOUBLE) {} {}", value, symbol(op), params.add(nearest));
    if (type == Type::float64) return by_double;
    const auto digits = model::plain_digits(literal.text);
    if (!digits || !fits_decimal(*digits)) return by_double;
    return fmt::format("coalesce(TRY_CAST({0} AS DECIMAL(38, 18)) {1} {2}, {3})", value, symbol(op),
                       fmt::format("CAST({} AS DECIMAL(38, 18))", params.add(*digits)), by_double);
}

std::string literal_sql(const Comparison& comparison, const std::string& value,
                        const Literal& literal, Params& params) {
    const Op op = comparison.op;
    if (comparison.field == Field::created_at || comparison.field == Field::updated_at) {
        return fmt::format("{} {} {}", value, symbol(op), sql_instant(literal.time));
    }
    switch (comparison.type) {
        case Type::int64:
        case Type::float64:
        case Type::decimal: return number_sql(value, op, comparison.type, literal, params);
        case Type::timestamp:
            return fmt::format("{} {} {}", value, symbol(op),
                               params.add(format_rfc3339(literal.time)));
        case Type::boolean:
        case Type::string:
        case Type::json: break;
    }
    if (literal.prefix) {
        return fmt::format("{}starts_with({}, {})", op == Op::ne ? "NOT " : "", value,
                           params.add(literal.text));
    }
    return fmt::format("{} {} {}", value, symbol(op), params.add(literal.text));
}

std::string comparison_sql(const Comparison& comparison, Params& params) {
    const std::string value = value_sql(comparison);
    if (comparison.op == Op::present) return value + " IS NOT NULL";
    std::string any;
    for (const Literal& literal : comparison.values) {
        if (!any.empty()) any += " OR ";
        any += literal_sql(comparison, value, literal, params);
    }
    return fmt::format("coalesce({}, false)", any);
}

std::string joined(const Filter& filter, std::string_view word, Params& params) {
    std::string out = "(";
    for (const Filter& child : filter.children) {
        if (out.size() > 1) out += word;
        out += filter_sql(child, params);
    }
    return out + ")";
}

}  // namespace

query::Answer<void> check_filter(const Filter& filter) {
    for (const Filter& child : filter.children) {
        if (auto good = check_filter(child); !good) return good;
    }
    if (filter.kind != Filter::Kind::comparison) return {};
    const Comparison& comparison = filter.comparison;
    if (comparison.field != Field::updated_at) return {};
    return failure(query::Error{
        .code = query::ErrorCode::invalid_filter,
        .detail = fmt::format("At character {} of the filter: updated_at is not known to the "
                              "analytics store; use an attribute, type, entity or created_at.",
                              comparison.position),
        .parameter = "filter",
        .position = comparison.position,
        .expected = "an attribute, type, entity or created_at"});
}

std::string filter_sql(const Filter& filter, Params& params) {
    switch (filter.kind) {
        case Filter::Kind::everything: return "true";
        case Filter::Kind::comparison: return comparison_sql(filter.comparison, params);
        case Filter::Kind::all_of: return joined(filter, " AND ", params);
        case Filter::Kind::any_of: return joined(filter, " OR ", params);
        case Filter::Kind::negation: break;
    }
    return fmt::format("NOT {}", filter_sql(filter.children.front(), params));
}

std::string matching_entities_sql(TenantId tenant, const Filter& filter, Params& params) {
    return fmt::format(
        "SELECT e.entity_id FROM store.entities e LEFT JOIN store.entity_jsonb s "
        "ON s.tenant_id = e.tenant_id AND s.entity_id = e.entity_id "
        "WHERE e.tenant_id = {} AND e.is_deleted IS NOT TRUE AND {}",
        tenant.value, filter_sql(filter, params));
}

}  // namespace atlas::analytics
