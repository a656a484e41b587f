// SPDX-License-Identifier: Apache-2.0
#include "analytics/questions/series_hours_sql.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "analytics/questions/filter_sql.h"
#include "analytics/questions/hours_sql.h"

namespace atlas::analytics {
namespace {

using model::Type;
using query::Aggregate;
using query::SeriesRequest;

bool has(const std::vector<Aggregate>& wanted, Aggregate aggregate) {
    return std::ranges::find(wanted, aggregate) != wanted.end();
}

bool has_sum(const std::vector<Aggregate>& wanted) {
    return has(wanted, Aggregate::sum) || has(wanted, Aggregate::avg);
}

bool hours_tell(Aggregate aggregate, Type type) {
    switch (aggregate) {
        case Aggregate::count: return true;
        case Aggregate::p50:
        case Aggregate::p95:
        case Aggregate::p99: return false;
        default: break;
    }
    // Of digits and text the store keeps no more than how many there were.
    return type != Type::decimal && type != Type::string && type != Type::json;
}

// What some attribute of the request needs.
class Wanted {
public:
    explicit Wanted(const SeriesRequest& request) {
        for (const model::Attribute& attribute : request.attributes) {
            for (const Aggregate aggregate : query::aggregates_of(request, attribute.type)) {
                if (!has(wanted_, aggregate)) wanted_.push_back(aggregate);
            }
        }
    }
    // The expression, or NULL of its type.
    std::string operator()(bool needed, std::string_view expression, std::string_view type) const {
        return needed ? std::string(expression) : fmt::format("NULL::{}", type);
    }
    bool of(Aggregate aggregate) const { return has(wanted_, aggregate); }
    bool sums() const { return has_sum(wanted_); }

private:
    std::vector<Aggregate> wanted_;
};

// The aggregates of a group, from kHoursCount on.
std::string columns_sql(const SeriesRequest& request) {
    const Wanted wanted(request);
    const bool min = wanted.of(Aggregate::min);
    const bool max = wanted.of(Aggregate::max);
    const bool first = wanted.of(Aggregate::first);
    const bool last = wanted.of(Aggregate::last);
    // Over several entities an instant may come twice: as with their values, one after the other.
    const auto end = [&](std::string_view function, std::string_view column) {
        return fmt::format(
            "{}(p.{}_{}, {})", function == "first" ? "arg_min" : "arg_max", function, column,
            request.merged ? place_sql(fmt::format("p.{}_at", function), "p.entity_id")
                           : fmt::format("p.{}_at", function));
    };
    constexpr std::string_view kSum = "atlas_exact_sum(p.double_sum, p.double_rest)";
    std::string sql;
    std::size_t place = kHoursCount;
    for (const std::string& column :
         {std::string("CAST(sum(p.n) AS BIGINT)"), std::string("CAST(sum(p.ints) AS BIGINT)"),
          std::string("CAST(sum(p.doubles) AS BIGINT)"),
          wanted(wanted.sums(), "sum(p.int_sum)", "HUGEINT"),
          wanted(wanted.sums(), fmt::format("struct_extract({}, 'sum')", kSum), "DOUBLE"),
          wanted(wanted.sums(), fmt::format("NOT isnan(struct_extract({}, 'rest'))", kSum),
                 "BOOLEAN"),
          wanted(min, "min(p.int_min)", "BIGINT"), wanted(max, "max(p.int_max)", "BIGINT"),
          wanted(min || wanted.sums(), "min(p.double_min)", "DOUBLE"),
          wanted(max || wanted.sums(), "max(p.double_max)", "DOUBLE"),
          wanted(first, end("first", "int"), "BIGINT"), wanted(last, end("last", "int"), "BIGINT"),
          wanted(first, end("first", "double"), "DOUBLE"),
          wanted(last, end("last", "double"), "DOUBLE")}) {
        sql += fmt::format(", {} AS c{}", column, place++);
    }
    return sql;
}

// Where the page begins, over `p`: what lies before is on the pages before.
std::string resume_sql(const query::SeriesRange& range, const query::SeriesPlace& resume) {
    const query::TimeRange left = range.of(resume.entity);
    return fmt::format(
        " WHERE (p.entity_id > {0} OR (p.entity_id = {0} AND p.us >= {1} AND p.us < {2}))",
        resume.entity.value, to_micros(left.from), to_micros(left.to));
}

model::Value integer(const duckdb::Cells& cells, std::size_t row) {
    return {.integer = cells.is_null(row) ? 0 : cells.integer(row), .text = {}};
}

model::Value real(const duckdb::Cells& cells, std::size_t row) {
    return {.group = model::Group::doubles,
            .number = cells.is_null(row) ? 0 : cells.real(row),
            .text = {}};
}

// Whether no sum of some of the values can be beyond the largest double, in whatever order.
bool is_bounded(const query::Summary& summary) {
    const double largest = std::max(std::abs(summary.min.number), std::abs(summary.max.number));
    return std::isfinite(largest * static_cast<double>(summary.count) * 2);
}

}  // namespace

bool series_hours_suffice(const SeriesRequest& request, const query::TimeRange& range) {
    if (request.raw || whole_hours(range.from, range.to).empty()) return false;
    if (request.step && !buckets_of_hours(*request.step, range.from, range.to)) return false;
    return std::ranges::all_of(request.attributes, [&](const model::Attribute& attribute) {
        if (!attribute.superseded.empty()) return false;
        return std::ranges::all_of(
            query::aggregates_of(request, attribute.type),
            [&](Aggregate aggregate) { return hours_tell(aggregate, attribute.type); });
    });
}

UnitSql series_hours_sql(const SeriesRequest& request, const query::SeriesRange& range,
                         const std::optional<query::SeriesPlace>& resume,
                         std::optional<EntityId> only,
                         const std::vector<std::int32_t>& storage_ids) {
    Params params;
    // The id that folds and page tokens call the only entity is 0.
    const query::TimeRange read = only ? range.of(EntityId{}) : range.all();
    std::string condition = fmt::format("o.tenant_id = {} AND o.attribute_id IN ({})",
                                        request.tenant.value, fmt::join(storage_ids, ", "));
    if (only) {
        condition += fmt::format(" AND o.entity_id = {}", only->value);
    } else {
        condition += fmt::format(" AND o.entity_id IN ({})",
                                 matching_entities_sql(request.tenant, request.filter, params));
    }
    const BucketSql bucket = request.step
                                 ? bucket_sql(*request.step, read.from, read.to, "b")
                                 : BucketSql{.expression = std::to_string(to_micros(request.from))};
    const std::string entity = request.merged ? "CAST(0 AS BIGINT)" : "p.entity_id";
    const std::string grouped = fmt::format(
        "SELECT {} AS entity, CAST({} AS BIGINT) AS start, p.attribute_id AS attribute{} "
        "FROM {} p{}{} GROUP BY 1, 2, 3",
        entity, bucket.expression, columns_sql(request), hours_sql(read.from, read.to, condition),
        bucket.join, resume && !only && !request.merged ? resume_sql(range, *resume) : "");
    const bool names = !only && !request.merged;
    std::string sql = fmt::format(
        "SELECT g.entity, {}, g.* EXCLUDE (entity) FROM ({}) g{} ORDER BY g.entity, g.start{}, "
        "g.attribute",
        names ? "e.external_id" : "NULL::VARCHAR", grouped,
        names ? fmt::format(" JOIN store.entities e ON e.tenant_id = {} AND e.entity_id = g.entity",
                            request.tenant.value)
              : "",
        request.descending ? " DESC" : "");
    return {.text = std::move(sql), .params = params.values()};
}

std::optional<query::Summary> summary_of(Type type, const std::vector<Aggregate>& wanted,
                                         const std::vector<duckdb::Cells>& cells, std::size_t row) {
    query::Summary summary{.count = cells[kHoursCount].integer(row)};
    const std::int64_t ints = cells[kHoursInts].integer(row);
    const std::int64_t doubles = cells[kHoursDoubles].integer(row);
    switch (type) {
        case Type::int64:
        case Type::boolean:
        case Type::timestamp:
            if (ints != summary.count) return std::nullopt;
            if (!cells[kHoursIntSum].is_null(row)) summary.int_sum = cells[kHoursIntSum].wide(row);
            summary.min = integer(cells[kHoursIntMin], row);
            summary.max = integer(cells[kHoursIntMax], row);
            summary.first = integer(cells[kHoursFirstInt], row);
            summary.last = integer(cells[kHoursLastInt], row);
            return summary;
        case Type::float64:
            if (doubles != summary.count) return std::nullopt;
            if (has_sum(wanted) && !cells[kHoursSumIsWhole].boolean(row)) return std::nullopt;
            if (has_sum(wanted)) summary.sum = cells[kHoursDoubleSum].real(row);
            summary.min = real(cells[kHoursDoubleMin], row);
            summary.max = real(cells[kHoursDoubleMax], row);
            summary.first = real(cells[kHoursFirstDouble], row);
            summary.last = real(cells[kHoursLastDouble], row);
            if (!is_bounded(summary)) return std::nullopt;
            return summary;
        case Type::decimal:
        case Type::string:
        case Type::json: break;
    }
    return summary;
}

}  // namespace atlas::analytics
