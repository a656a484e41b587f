// SPDX-License-Identifier: Apache-2.0
#include "primary/filter_sql.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/json_writer.h"

namespace atlas::primary {
namespace {

using model::Type;

std::string_view operator_sql(query::Op op) {
    switch (op) {
        case query::Op::eq: return "=";
        case query::Op::ne: return "<>";
        case query::Op::lt: return "<";
        case query::Op::le: return "<=";
        case query::Op::gt: return ">";
        case query::Op::ge: return ">=";
        case query::Op::present: break;
    }
    return "IS NOT NULL";
}

bool is_number(Type type) {
    return type == Type::int64 || type == Type::float64 || type == Type::decimal;
}

// The state of a double attribute may hold ints that no double holds, with more digits
// than a double has. They compare as the nearest double. Below 2^53, comparing the digits gives the
// same result and can use the index.
bool compares_as_double(const query::Comparison& comparison, const query::Literal& literal) {
    constexpr double kExactInts = 9007199254740992.0;
    if (comparison.type != Type::float64 || literal.prefix) return false;
    double number = 0;
    const char* const end = literal.text.data() + literal.text.size();
    return std::from_chars(literal.text.data(), end, number).ec == std::errc{} &&
           std::abs(number) >= kExactInts;
}

bool exact_values(const query::Comparison& c) {
    return c.op == query::Op::eq && std::ranges::none_of(c.values, &query::Literal::prefix);
}

// Whether the index over the current state finds the entities of a comparison with an attribute.
bool has_index(const query::Comparison& c) {
    return exact_values(c) && c.other_name.empty() &&
           std::ranges::none_of(c.values, [&c](const query::Literal& literal) {
               return compares_as_double(c, literal);
           });
}

// The JSON under which the current state holds a value equal to the literal.
std::string json_of(const query::Literal& literal, Type type) {
    if (is_number(type) || type == Type::boolean) return literal.text;
    std::string json;
    append_json_string(json, type == Type::timestamp ? format_rfc3339(literal.time) : literal.text);
    return json;
}

class Compiler {
public:
    Compiler(FilterForm form, pg::Params& params) : form_(form), params_(params) {}

    std::string compile(const query::Filter& filter, bool negated) {
        switch (filter.kind) {
            case query::Filter::Kind::everything: return "true";
            case query::Filter::Kind::comparison: return leaf(filter.comparison, negated);
            case query::Filter::Kind::all_of: return join(filter, " AND ", negated);
            case query::Filter::Kind::any_of: return join(filter, " OR ", negated);
            case query::Filter::Kind::negation: break;
        }
        return "(NOT " + compile(filter.children.front(), true) + ")";
    }

private:
    std::string join(const query::Filter& filter, std::string_view word, bool negated) {
        std::string sql = "(";
        for (const query::Filter& child : filter.children) {
            if (sql.size() > 1) sql += word;
            sql += compile(child, negated);
        }
        return sql + ")";
    }

    // An absent value makes a condition NULL, which a WHERE takes for false and NOT does not.
    std::string leaf(const query::Comparison& comparison, bool negated) {
        std::string sql = comparison.field == query::Field::attribute
                              ? attribute(comparison, negated)
                              : builtin(comparison);
        return negated ? "((" + sql + ") IS TRUE)" : "(" + sql + ")";
    }

    std::string add(std::string_view text) {
        params_.add(text);
        return params_.placeholder();
    }

    std::string attribute(const query::Comparison& c, bool negated) {
        const std::string state = state_sql(c.name, c.other_name, params_);
        if (c.op == query::Op::present) return state + " ? " + add(c.name) + "::text";
        if (c.op == query::Op::eq) return any_of(c, state, negated);
        const query::Literal& literal = c.values.front();
        const std::string name = add(c.name) + "::text";
        if (literal.prefix) {
            return fmt::format("NOT starts_with({}->>{}, {}::text)", state, name,
                               add(literal.text));
        }
        const std::string value = fmt::format("{}->{}", state, name);
        if (compares_as_double(c, literal)) {
            return fmt::format("{} {} {}::float8", nearest_double_sql(value), operator_sql(c.op),
                               add(literal.text));
        }
        if (c.op == query::Op::ne) {
            return fmt::format("({}) <> {}::jsonb", value, add(json_of(literal, c.type)));
        }
        if (is_number(c.type)) {
            return fmt::format("({0}) {1} {2}::jsonb AND jsonb_typeof({0}) = 'number'", value,
                               operator_sql(c.op), add(literal.text));
        }
        const std::string text =
            c.type == Type::timestamp ? format_rfc3339(literal.time) : literal.text;
        return fmt::format(R"(({}->>{}) COLLATE "C" {} {}::text)", state, name, operator_sql(c.op),
                           add(text));
    }

    std::string any_of(const query::Comparison& c, const std::string& state, bool negated) {
        std::string sql;
        std::string exact;
        const bool indexed = form_ == FilterForm::index && !negated && c.other_name.empty();
        // An unused parameter has no type, which the server refuses.
        const bool named = !indexed || !has_index(c);
        const std::string name = named ? add(c.name) + "::text" : "";
        for (const query::Literal& literal : c.values) {
            std::string one;
            if (literal.prefix) {
                one = fmt::format("starts_with({}->>{}, {}::text)", state, name, add(literal.text));
            } else if (compares_as_double(c, literal)) {
                one = fmt::format("{} = {}::float8", nearest_double_sql(state + "->" + name),
                                  add(literal.text));
            } else if (indexed) {
                one = state + " @> " + add(containment(c, literal)) + "::jsonb";
            } else {
                if (!exact.empty()) exact += ", ";
                exact += add(json_of(literal, c.type)) + "::jsonb";
                continue;
            }
            if (!sql.empty()) sql += " OR ";
            sql += one;
        }
        if (!exact.empty()) {
            if (!sql.empty()) sql += " OR ";
            sql += fmt::format("({}->{}) = ANY (ARRAY[{}])", state, name, exact);
        }
        return sql;
    }

    static std::string containment(const query::Comparison& c, const query::Literal& literal) {
        std::string json = "{";
        append_json_string(json, c.name);
        return json + ":" + json_of(literal, c.type) + "}";
    }

    std::string builtin(const query::Comparison& c) {
        if (c.op == query::Op::present) return "true";
        const bool time = c.type == Type::timestamp;
        const std::string column = c.field == query::Field::entity       ? "e.external_id"
                                   : c.field == query::Field::type       ? "e.entity_type::text"
                                   : c.field == query::Field::created_at ? "e.created_at"
                                                                         : "h.updated_at";
        std::string sql;
        for (const query::Literal& literal : c.values) {
            if (!sql.empty()) sql += " OR ";
            if (time) {
                params_.add(literal.time);
                sql += fmt::format("{} {} {}", column, operator_sql(c.op), params_.placeholder());
            } else if (literal.prefix) {
                sql += fmt::format("{}starts_with({}, {}::text)",
                                   c.op == query::Op::ne ? "NOT " : "", column, add(literal.text));
            } else {
                sql += fmt::format(R"({} COLLATE "C" {} {}::text)", column, operator_sql(c.op),
                                   add(literal.text));
            }
        }
        return sql;
    }

    const FilterForm form_;
    pg::Params& params_;
};

}  // namespace

std::string state_sql(const std::string& name, const std::string& other_name, pg::Params& params) {
    if (other_name.empty()) return "h.hot_attrs";
    params.add(other_name);
    const std::string other = params.placeholder() + "::text";
    params.add(name);
    return fmt::format(
        "(h.hot_attrs || CASE WHEN h.hot_attrs ? {0} THEN jsonb_build_object({1}::text, "
        "h.hot_attrs->{0}) ELSE '{{}}' END)",
        other, params.placeholder());
}

std::string nearest_double_sql(std::string_view json) {
    return fmt::format("(CASE WHEN jsonb_typeof({0}) = 'number' THEN ({0})::float8 END)", json);
}

std::string filter_sql(const query::Filter& filter, FilterForm form, pg::Params& params) {
    return Compiler(form, params).compile(filter, false);
}

bool uses_entities(const query::Filter& filter) {
    if (filter.kind == query::Filter::Kind::comparison) {
        const query::Field field = filter.comparison.field;
        return filter.comparison.op != query::Op::present &&
               (field == query::Field::type || field == query::Field::entity ||
                field == query::Field::created_at);
    }
    return std::ranges::any_of(filter.children, uses_entities);
}

query::Filter indexed_part(const query::Filter& filter) {
    constexpr auto is_everything = [](const query::Filter& part) {
        return part.kind == query::Filter::Kind::everything;
    };
    query::Filter part{.kind = filter.kind, .comparison = {}, .children = {}};
    switch (filter.kind) {
        case query::Filter::Kind::comparison:
            if (filter.comparison.field != query::Field::attribute ||
                !has_index(filter.comparison)) {
                return {};
            }
            return filter;
        case query::Filter::Kind::all_of:
        case query::Filter::Kind::any_of:
            std::ranges::transform(filter.children, std::back_inserter(part.children),
                                   indexed_part);
            break;
        case query::Filter::Kind::everything:
        case query::Filter::Kind::negation: return {};
    }
    if (filter.kind == query::Filter::Kind::any_of) {
        return std::ranges::any_of(part.children, is_everything) ? query::Filter{} : part;
    }
    std::erase_if(part.children, is_everything);
    return part.children.empty() ? query::Filter{} : part;
}

bool names_entities(const query::Filter& filter) {
    switch (filter.kind) {
        case query::Filter::Kind::comparison:
            return filter.comparison.field == query::Field::entity &&
                   exact_values(filter.comparison);
        case query::Filter::Kind::all_of:
            return std::ranges::any_of(filter.children, names_entities);
        case query::Filter::Kind::any_of:
            return std::ranges::all_of(filter.children, names_entities);
        case query::Filter::Kind::everything:
        case query::Filter::Kind::negation: break;
    }
    return false;
}

}  // namespace atlas::primary
