// SPDX-License-Identifier: Apache-2.0
#include "analytics/questions/computed_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "model/convert.h"
#include "query/exact.h"

namespace atlas::analytics {
namespace {

using query::Exact;
using query::Filter;
using query::MeasureKind;
using query::Op;

std::strong_ordering order(double a, double b) {
    if (a == b) return std::strong_ordering::equal;
    if (std::isnan(a) || std::isnan(b)) return std::isnan(a) <=> std::isnan(b);
    return a < b ? std::strong_ordering::less : std::strong_ordering::greater;
}

bool is_number(Cell::Kind kind) {
    return kind == Cell::Kind::integer || kind == Cell::Kind::real || kind == Cell::Kind::digits;
}

double as_double(const Value& value) {
    switch (value.kind) {
        case Cell::Kind::integer: return static_cast<double>(value.integer);
        case Cell::Kind::digits: return std::strtod(value.text.c_str(), nullptr);
        default: return value.real;
    }
}

std::optional<Exact> as_exact(const Value& value) {
    if (value.kind == Cell::Kind::integer) return Exact(value.integer);
    const std::string text =
        value.kind == Cell::Kind::digits ? value.text : fmt::format("{}", value.real);
    const auto digits = model::plain_digits(text);
    return digits ? Exact::parse(*digits) : std::nullopt;
}

std::strong_ordering compare_numbers(const Value& a, const Value& b) {
    if (a.kind == Cell::Kind::integer && b.kind == Cell::Kind::integer) {
        return a.integer <=> b.integer;
    }
    if (a.kind == Cell::Kind::real && b.kind == Cell::Kind::real) return order(a.real, b.real);
    const auto exact_a = as_exact(a);
    const auto exact_b = as_exact(b);
    if (exact_a && exact_b) return exact_a->compare(*exact_b);
    return order(as_double(a), as_double(b));
}

// The literal of a condition as the measure's column would hold it.
Value literal_value(const query::Literal& literal, model::Type type) {
    if (type == model::Type::timestamp) {
        return {.kind = Cell::Kind::time, .integer = to_micros(literal.time)};
    }
    switch (literal.kind) {
        case query::Literal::Kind::number: return Value::digits(literal.text);
        case query::Literal::Kind::boolean:
            return {.kind = Cell::Kind::boolean, .integer = literal.text == "true" ? 1 : 0};
        case query::Literal::Kind::text: break;
    }
    return {.kind = Cell::Kind::text, .text = literal.text};
}

bool holds(Op op, std::strong_ordering order) {
    switch (op) {
        case Op::eq: return order == 0;
        case Op::ne: return order != 0;
        case Op::lt: return order < 0;
        case Op::le: return order <= 0;
        case Op::gt: return order > 0;
        case Op::ge: return order >= 0;
        case Op::present: break;
    }
    return true;
}

class Having {
public:
    explicit Having(const query::AnalyticsRequest& request) : request_(request) {}

    bool keeps(const Filter& filter, const std::vector<Value>& measures) const {
        const auto child_keeps = [&](const Filter& child) { return keeps(child, measures); };
        switch (filter.kind) {
            case Filter::Kind::everything: return true;
            case Filter::Kind::comparison: return keeps(filter.comparison, measures);
            case Filter::Kind::all_of: return std::ranges::all_of(filter.children, child_keeps);
            case Filter::Kind::any_of: return std::ranges::any_of(filter.children, child_keeps);
            case Filter::Kind::negation: break;
        }
        return !keeps(filter.children.front(), measures);
    }

private:
    bool keeps(const query::Comparison& comparison, const std::vector<Value>& measures) const {
        const Value& value = measures[*query::find_measure(request_, comparison.name)];
        if (value.is_null()) return false;
        if (comparison.op == Op::present) return true;
        return std::ranges::any_of(comparison.values, [&](const query::Literal& literal) {
            if (literal.prefix) {
                return value.text.starts_with(literal.text) == (comparison.op == Op::eq);
            }
            return holds(comparison.op, compare(value, literal_value(literal, comparison.type)));
        });
    }

    const query::AnalyticsRequest& request_;
};

bool counts(MeasureKind kind) {
    return kind == MeasureKind::count || kind == MeasureKind::count_distinct ||
           kind == MeasureKind::count_entities;
}

}  // namespace

Value Value::of(std::int64_t integer) {
    return {.kind = Cell::Kind::integer, .integer = integer};
}

Value Value::of(double real) {
    return {.kind = Cell::Kind::real, .real = real};
}

Value Value::digits(std::string digits) {
    return {.kind = Cell::Kind::digits, .text = std::move(digits)};
}

std::strong_ordering compare(const Value& a, const Value& b) {
    if (a.is_null() || b.is_null()) return a.is_null() <=> b.is_null();
    if (is_number(a.kind) && is_number(b.kind)) return compare_numbers(a, b);
    if (a.kind != b.kind) return a.kind <=> b.kind;
    if (a.kind == Cell::Kind::text || a.kind == Cell::Kind::json) return a.text <=> b.text;
    return a.integer <=> b.integer;
}

bool LessGroup::operator()(const GroupValues& a, const GroupValues& b) const {
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (const auto order = compare(a[i], b[i]); order != 0) return order < 0;
    }
    return false;
}

std::vector<Value>& ComputedRows::row(GroupValues group) {
    const auto [found, fresh] = rows_.try_emplace(std::move(group));
    if (fresh) {
        for (const query::Measure& measure : request_.measures) {
            found->second.push_back(counts(measure.kind) ? Value::of(std::int64_t{0}) : Value{});
        }
    }
    return found->second;
}

std::vector<std::vector<Value>> ComputedRows::finish(bool& truncated) {
    const Having having(request_);
    std::vector<std::vector<Value>> kept;
    for (auto& [group, measures] : rows_) {
        if (!having.keeps(request_.having, measures)) continue;
        std::vector<Value> row = group;
        std::ranges::move(measures, std::back_inserter(row));
        kept.push_back(std::move(row));
    }
    rows_.clear();
    const auto less = [this](const std::vector<Value>& a, const std::vector<Value>& b) {
        for (const query::ColumnOrder& key : request_.columns_order) {
            const Value& left = a[key.column];
            const Value& right = b[key.column];
            const auto order = compare(left, right);
            if (order == 0) continue;
            // Null comes last in both directions.
            if (left.is_null() || right.is_null()) return right.is_null();
            return key.descending ? order > 0 : order < 0;
        }
        return false;
    };
    std::ranges::sort(kept, less);
    const auto limit = static_cast<std::size_t>(request_.limit);
    truncated = kept.size() > limit;
    if (truncated) kept.resize(limit);
    return kept;
}

}  // namespace atlas::analytics
