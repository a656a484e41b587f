// SPDX-License-Identifier: Apache-2.0
#include "analytics/questions/hours_sql.h"

#include <fmt/format.h>

#include "analytics/duckdb/open_hours.h"
#include "analytics/questions/sql_builder.h"
#include "query/analytics_request.h"

namespace atlas::analytics {
namespace {

using duckdb::kHourMicros;

bool on_the_hour(Time at) {
    return to_micros(at) % kHourMicros == 0;
}

// Points outside the whole hours, in the form of hours.
std::string edge_sql(Time from, Time to, std::string_view condition) {
    if (from >= to) return "";
    return fmt::format(
        " UNION ALL SELECT o.entity_id, o.attribute_id, epoch_us(o.observed_at), 1, "
        "CAST(o.int_value IS NOT NULL AS BIGINT), CAST(o.int_value AS HUGEINT), o.int_value, "
        "o.int_value, CAST(o.double_value IS NOT NULL AS BIGINT), o.double_value, 0, "
        "o.double_value, o.double_value, o.observed_at, o.observed_at, o.int_value, o.int_value, "
        "o.double_value, o.double_value FROM store.points o WHERE {} AND {} AND "
        "(o.int_value IS NOT NULL OR o.double_value IS NOT NULL OR o.text_value IS NOT NULL)",
        condition, sql_between("o", from, to));
}

}  // namespace

Time Hours::from() const {
    return time_from_micros(first * kHourMicros);
}

Time Hours::to() const {
    return time_from_micros(end * kHourMicros);
}

Hours whole_hours(Time from, Time to) {
    return {.first = duckdb::floor_div(to_micros(from), kHourMicros) + (on_the_hour(from) ? 0 : 1),
            .end = duckdb::floor_div(to_micros(to), kHourMicros)};
}

bool buckets_of_hours(const query::BucketStep& step, Time from, Time to) {
    if (const auto length = step.length()) return length->count() % kHourMicros == 0;
    std::int64_t buckets = 0;
    for (Time at = step.bucket(from).start; at < to;) {
        if (!on_the_hour(at) || ++buckets > query::kMaxBuckets) return false;
        const Time next = step.shift(at, 1);
        at = next > at ? next : step.bucket(at).end;
    }
    return true;
}

std::string hours_sql(Time from, Time to, std::string_view condition) {
    const Hours hours = whole_hours(from, to);
    return fmt::format(
        "(SELECT o.entity_id, o.attribute_id, CAST(o.hour AS BIGINT) * {} AS us, o.count AS n, "
        "o.ints, o.int_sum, o.int_min, o.int_max, o.doubles, o.double_sum, o.double_rest, "
        "o.double_min, o.double_max, o.first_at, o.last_at, o.first_int, o.last_int, "
        "o.first_double, o.last_double FROM store.hourly_current o WHERE {} AND o.day >= {} AND "
        "o.day <= {} AND o.hour >= {} AND o.hour < {}{}{})",
        kHourMicros, condition, sql_day(hours.from()), sql_day(hours.to()), hours.first, hours.end,
        edge_sql(from, hours.from(), condition), edge_sql(hours.to(), to, condition));
}

std::string place_sql(std::string_view instant, std::string_view entity) {
    return fmt::format("CAST(epoch_us({}) AS HUGEINT) * 9223372036854775808 + {}", instant, entity);
}

BucketSql bucket_sql(const query::BucketStep& step, Time from, Time to, std::string_view name) {
    if (const auto length = step.length()) {
        return {.expression = fmt::format("p.us - (p.us % {0} + {0}) % {0}", length->count())};
    }
    std::string starts;
    for (Time at = step.bucket(from).start; at < to;) {
        if (!starts.empty()) starts += ", ";
        starts += std::to_string(to_micros(at));
        const query::Bucket bucket = step.bucket(at);
        at = bucket.end > at ? bucket.end : step.shift(at, 1);
    }
    return {.expression = fmt::format("{}.start", name),
            .join = fmt::format(
                " ASOF JOIN (SELECT unnest([{0}]::BIGINT[]) AS start) {1} ON p.us >= {1}.start",
                starts, name)};
}

}  // namespace atlas::analytics
