// SPDX-License-Identifier: Apache-2.0
#include "analytics/questions/question.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>
#include <memory>

#include "analytics/questions/hours_sql.h"
#include "query/aggregate.h"
#include "query/exact.h"
#include "query/plan.h"

namespace atlas::analytics {
namespace {

using model::Type;
using query::Aggregate;
using query::AnalyticsRequest;
using query::GroupKey;
using query::Measure;
using query::MeasureKind;

std::string text_of(const duckdb::Cells& cells, std::size_t row) {
    std::string text;
    cells.append_text(text, row);
    return text;
}

// A value as it lies in the store's columns, as its type reads it.
Value stored_value(Type type, const duckdb::Cells& cells, std::size_t row) {
    if (cells.is_null(row)) return {};
    switch (type) {
        case Type::boolean:
            return {.kind = Cell::Kind::boolean, .integer = cells.integer(row) != 0 ? 1 : 0};
        case Type::timestamp: return {.kind = Cell::Kind::time, .integer = cells.integer(row)};
        case Type::int64: return Value::of(cells.integer(row));
        case Type::float64: return Value::of(cells.real(row));
        case Type::decimal: return Value::digits(text_of(cells, row));
        case Type::string: return {.kind = Cell::Kind::text, .text = text_of(cells, row)};
        case Type::json: break;
    }
    return {.kind = Cell::Kind::json, .text = text_of(cells, row)};
}

// Numbers of several types in one column, or any value in a column of text.
Value as_column(Value value, const Measure& measure) {
    if (measure.type != Type::string || value.kind == Cell::Kind::text || value.is_null()) {
        return value;
    }
    ResultText csv(query::ResultFormat::csv, {{.name = ""}});
    std::string text;
    csv.cell(text, value.cell());
    return {.kind = Cell::Kind::text, .text = std::move(text)};
}

// The store interpolates percentiles of ints in doubles. The exact one is a multiple of 0.01, so
// rounding finds it where doubles are dense enough: nullopt where they are not.
std::optional<std::string> exact_percentile(double number, double low, double high,
                                            std::int64_t count) {
    constexpr double kUlp = 0x1p-52;
    const double magnitude = std::max(std::abs(low), std::abs(high));
    const double fault = (high - low) * static_cast<double>(count) * kUlp + magnitude * kUlp * 2;
    if (fault >= 0.002) return std::nullopt;
    std::string digits;
    duckdb::append_decimal(digits, std::llround(number * 100), 2);
    while (digits.ends_with('0')) digits.pop_back();
    if (digits.ends_with('.')) digits.pop_back();
    return digits;
}

class Runner {
public:
    Runner(duckdb::Connection& connection, const AnalyticsRequest& request,
           const model::TenantCatalog& catalog, const duckdb::Limits& limits)
        : connection_(connection), request_(request), limits_(limits), rows_(request) {
        for (const auto& attribute : catalog.all()) names_[attribute.id.value] = attribute.name;
    }

    // Groups of one unit. False: its source was not exact, and nothing of it was kept.
    query::Answer<bool> run(const Unit& unit) {
        const UnitSql sql = unit_sql(request_, unit);
        auto rows = connection_.query(sql.text, sql.params, limits_);
        if (!rows) return failure(read_error(std::move(rows.error())));
        pending_.clear();
        held_.clear();
        const auto parts = parts_of(request_, unit);
        bool exact = true;
        while (exact) {
            auto chunk = rows->next();
            if (!chunk) return failure(read_error(std::move(chunk.error())));
            if (!*chunk) break;
            if (auto read = read_chunk(unit, parts, **chunk, exact); !read) {
                return failure(std::move(read.error()));
            }
            if (pending_.size() > kMaxGroups) return failure(too_many_groups());
        }
        if (!exact) return false;
        if (unit.source == Source::values) measure_held(unit);
        for (auto& [group, values] : pending_) {
            auto& row = rows_.row(std::move(group));
            for (std::size_t i = 0; i < values.size(); ++i) {
                row[unit.measures[i]] = std::move(values[i]);
            }
        }
        if (rows_.size() <= kMaxGroups) return true;
        return failure(too_many_groups());
    }

    ComputedRows& rows() { return rows_; }

private:
    static query::Error too_much(std::string detail) {
        return {.code = query::ErrorCode::limit_exceeded,
                .detail = std::move(detail),
                .parameter = "memory"};
    }
    static query::Error too_many_groups() {
        return too_much(fmt::format(
            "The question has more than {} groups: group by less, or filter.", kMaxGroups));
    }

    query::Answer<void> read_chunk(const Unit& unit, const std::vector<PartColumn>& parts,
                                   const duckdb::Chunk& chunk, bool& exact) {
        const std::size_t groups = request_.groups.size();
        std::vector<duckdb::Cells> cells;
        cells.reserve(groups + parts.size());
        for (std::size_t i = 0; i < groups + parts.size(); ++i) cells.push_back(chunk.column(i));
        for (std::size_t row = 0; row < chunk.rows() && exact; ++row) {
            GroupValues group;
            for (std::size_t i = 0; i < groups; ++i) {
                group.push_back(group_value(request_.groups[i], cells[i], row));
            }
            const std::span<const duckdb::Cells> values(cells.data() + groups, parts.size());
            if (unit.source == Source::values) {
                if (auto kept = hold(unit, std::move(group), values, row); !kept) return kept;
            } else {
                exact = measure(unit, parts, std::move(group), values, row);
            }
        }
        return {};
    }

    Value group_value(const GroupKey& key, const duckdb::Cells& cells, std::size_t row) const {
        if (cells.is_null(row)) return {};
        if (key.kind == GroupKey::Kind::attribute_name) {
            const auto found = names_.find(static_cast<std::int32_t>(cells.integer(row)));
            if (found == names_.end()) return {};
            return {.kind = Cell::Kind::text, .text = found->second};
        }
        return stored_value(key.type, cells, row);
    }

    // A row of aggregates. False: it is not exact.
    bool measure(const Unit& unit, const std::vector<PartColumn>& parts, GroupValues group,
                 std::span<const duckdb::Cells> cells, std::size_t row) {
        const auto find = [&](Part part, int percent = 0) -> const duckdb::Cells& {
            const auto at = std::ranges::find(parts, PartColumn{.part = part, .percent = percent});
            return cells[static_cast<std::size_t>(at - parts.begin())];
        };
        const bool odd = std::ranges::find(parts, PartColumn{.part = Part::odd}) != parts.end() &&
                         !find(Part::odd).is_null(row) && find(Part::odd).integer(row) > 0;
        if (odd && unit.type == Type::int64) return false;
        std::vector<Value> values;
        for (const std::size_t i : unit.measures) {
            const Measure& measure = request_.measures[i];
            if (odd && !hours_mix(measure.kind)) return false;
            auto value = measured(unit, measure, find, row);
            if (!value) return false;
            values.push_back(as_column(std::move(*value), measure));
        }
        // Without groups a question has one row, however few points it found.
        pending_.emplace_back(std::move(group), std::move(values));
        return true;
    }

    // Whether aggregates of hours tell what the measure is of ints and doubles together.
    static bool hours_mix(MeasureKind kind) {
        return kind == MeasureKind::count || kind == MeasureKind::count_entities ||
               kind == MeasureKind::min || kind == MeasureKind::max;
    }

    template <class Find>
    std::optional<Value> measured(const Unit& unit, const Measure& measure, const Find& find,
                                  std::size_t row) const {
        const bool ints = unit.type == Type::int64;
        const auto number = [&](Part part) -> Value {
            const duckdb::Cells& cells = find(part);
            return cells.is_null(row) ? Value::of(std::int64_t{0}) : Value::of(cells.integer(row));
        };
        const auto stored = [&](Part part) { return stored_value(*unit.type, find(part), row); };
        switch (measure.kind) {
            case MeasureKind::count: return number(Part::count);
            case MeasureKind::count_distinct: return number(Part::distinct);
            case MeasureKind::count_entities: return number(Part::entities);
            case MeasureKind::min: return unsigned_zero(stored(Part::min));
            case MeasureKind::max: return unsigned_zero(stored(Part::max));
            case MeasureKind::first: return stored(Part::first);
            case MeasureKind::last: return stored(Part::last);
            case MeasureKind::sum: return sum(find(ints ? Part::int_sum : Part::double_sum), row);
            case MeasureKind::avg:
                return average(find(ints ? Part::int_sum : Part::double_sum), find(Part::count),
                               row);
            case MeasureKind::approx_percentile: {
                const duckdb::Cells& cells = find(Part::approx, measure.percent);
                return cells.is_null(row) ? Value{} : Value::of(cells.real(row));
            }
            case MeasureKind::percentile: break;
        }
        const duckdb::Cells& cells = find(Part::percentile, measure.percent);
        if (cells.is_null(row)) return Value{};
        if (!ints) return Value::of(cells.real(row));
        auto digits = exact_percentile(cells.real(row), find(Part::min).real(row),
                                       find(Part::max).real(row), find(Part::count).integer(row));
        if (!digits) return std::nullopt;
        return Value::digits(std::move(*digits));
    }

    // Of zeros of both signs it is by chance which the store takes.
    static Value unsigned_zero(Value value) {
        value.real += 0.0;
        return value;
    }

    static Value sum(const duckdb::Cells& cells, std::size_t row) {
        if (cells.is_null(row)) return {};
        if (cells.column().kind == duckdb::Kind::real) return Value::of(cells.real(row));
        return Value::digits(text_of(cells, row));
    }

    static Value average(const duckdb::Cells& sum, const duckdb::Cells& count, std::size_t row) {
        if (sum.is_null(row) || count.integer(row) == 0) return {};
        const auto n = count.integer(row);
        if (sum.column().kind == duckdb::Kind::real) {
            return Value::of(sum.real(row) / static_cast<double>(n));
        }
        return Value::of(static_cast<double>(static_cast<long double>(sum.wide(row)) /
                                             static_cast<long double>(n)));
    }

    // One point of Source::values.
    query::Answer<void> hold(const Unit& unit, GroupValues group,
                             std::span<const duckdb::Cells> cells, std::size_t row) {
        if (++held_count_ > kMaxHeldValues) {
            return failure(too_much(fmt::format(
                "Exact aggregates of decimals and of large integers take at most {} points: "
                "filter, or shorten the range.",
                kMaxHeldValues)));
        }
        auto& numbers = held_[std::move(group)];
        if (!numbers) numbers = query::make_accumulator(*unit.type, {Aggregate::p50});
        model::Value value;
        if (!cells[1].is_null(row)) {
            value.group = model::Group::ints;
            value.integer = cells[1].integer(row);
        } else if (!cells[2].is_null(row)) {
            value.group = model::Group::doubles;
            value.number = cells[2].real(row);
        } else {
            value.group = model::Group::decimals;
            value.text = cells[3].text(row);
        }
        numbers->add(time_from_micros(cells[0].integer(row)), value);
        return {};
    }

    void measure_held(const Unit& unit) {
        for (auto& [group, numbers] : held_) {
            if (numbers->count() == 0) continue;
            std::vector<Value> values;
            values.reserve(unit.measures.size());
            for (const std::size_t i : unit.measures) {
                const Measure& measure = request_.measures[i];
                values.push_back(as_column(held_value(measure, *numbers), measure));
            }
            pending_.emplace_back(group, std::move(values));
        }
        held_count_ = 0;
    }

    static Value held_value(const Measure& measure, query::Accumulator& numbers) {
        std::string digits;
        switch (measure.kind) {
            case MeasureKind::avg: numbers.write(digits, Aggregate::avg); break;
            case MeasureKind::min: numbers.write(digits, Aggregate::min); break;
            case MeasureKind::max: numbers.write(digits, Aggregate::max); break;
            case MeasureKind::sum: numbers.write(digits, Aggregate::sum); break;
            case MeasureKind::first: numbers.write(digits, Aggregate::first); break;
            case MeasureKind::last: numbers.write(digits, Aggregate::last); break;
            case MeasureKind::count: return Value::of(numbers.count());
            case MeasureKind::percentile:
            case MeasureKind::approx_percentile:
                numbers.write_percentile(digits, measure.percent);
                break;
            case MeasureKind::count_distinct:
            case MeasureKind::count_entities: return {};  // never asked of values: units_of()
        }
        if (digits == "null") return {};
        if (measure.type == Type::float64) return Value::of(std::strtod(digits.c_str(), nullptr));
        return Value::digits(std::move(digits));
    }

    duckdb::Connection& connection_;
    const AnalyticsRequest& request_;
    const duckdb::Limits& limits_;
    std::map<std::int32_t, std::string> names_;
    ComputedRows rows_;
    std::vector<std::pair<GroupValues, std::vector<Value>>> pending_;  // of the unit that runs
    std::map<GroupValues, std::unique_ptr<query::Accumulator>, LessGroup> held_;
    std::int64_t held_count_ = 0;
};

query::PlanUnit plan_of(const AnalyticsRequest& request, const Unit& unit) {
    query::PlanUnit plan{.source = to_string(unit.source),
                         .attributes = static_cast<std::int64_t>(unit.attributes.size())};
    for (const std::size_t i : unit.measures) plan.measures.push_back(request.measures[i].name);
    if (unit.source == Source::rollup) {
        const Hours hours = whole_hours(request.from, request.to);
        plan.rollup_from = hours.from();
        plan.rollup_to = hours.to();
    }
    return plan;
}

}  // namespace

query::Error read_error(StoreError error) {
    using query::ErrorCode;
    switch (error.kind) {
        case StoreError::Kind::limit_time:
            return {
                .code = ErrorCode::limit_exceeded,
                .detail =
                    "The query took longer than analytics.query_timeout allows: filter, shorten "
                    "the range, or group by less.",
                .parameter = "time"};
        case StoreError::Kind::limit_memory:
            return {.code = ErrorCode::limit_exceeded,
                    .detail =
                        "The query needs more memory than analytics.memory_mb allows: filter, "
                        "shorten the range, or group by less.",
                    .parameter = "memory"};
        case StoreError::Kind::unavailable:
        case StoreError::Kind::damaged:
            return {.code = ErrorCode::analytics_unavailable,
                    .detail = "The analytics store is not available at the moment; retry later."};
        case StoreError::Kind::cancelled:
            return {.code = ErrorCode::busy, .detail = "The query was cancelled."};
        case StoreError::Kind::invalid:
        case StoreError::Kind::internal: break;
    }
    return {.code = ErrorCode::internal, .detail = "analytics: " + error.message};
}

query::Answer<ComputedTable> answer_question(duckdb::Connection& connection,
                                             const AnalyticsRequest& request,
                                             const model::TenantCatalog& catalog,
                                             const duckdb::Limits& limits) {
    Runner runner(connection, request, catalog, limits);
    ComputedTable table;
    std::vector<query::PlanUnit> plan;
    for (Unit unit : units_of(request, catalog)) {
        auto exact = runner.run(unit);
        // A rollup that is not exact gives way to points, and points to their values.
        for (const Source next : {Source::points, Source::values}) {
            if (!exact || *exact || unit.source >= next) continue;
            unit.source = next;
            exact = runner.run(unit);
        }
        if (!exact) return failure(std::move(exact.error()));
        if (request.explain) plan.push_back(plan_of(request, unit));
    }
    for (const GroupKey& key : request.groups) {
        table.columns.push_back({.name = key.name, .type = key.type});
    }
    for (const Measure& measure : request.measures) {
        table.columns.push_back({.name = measure.name, .type = measure.type});
    }
    table.rows = runner.rows().finish(table.truncated);
    if (request.explain) table.plan = query::plan_json(plan);
    return table;
}

}  // namespace atlas::analytics
