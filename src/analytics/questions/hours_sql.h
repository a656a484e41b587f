// SPDX-License-Identifier: Apache-2.0
//
// Parts of statements that read hourly aggregates and the points around them: structured questions
// and series share them.
//
//     range ─► whole_hours() ─► [hours_sql] ─► FROM         buckets ─► [bucket_sql] ─► GROUP BY
//
// Threading  pure functions; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "query/bucket.h"

namespace atlas::analytics {

// Counted from 1970.
struct Hours {
    std::int64_t first = 0;
    std::int64_t end = 0;  // not included

    bool empty() const { return first >= end; }
    Time from() const;
    Time to() const;
};
// Those that lie wholly between the two.
Hours whole_hours(Time from, Time to);

// Whether every bucket between the two begins with an hour, and a statement can name them all.
bool buckets_of_hours(const query::BucketStep& step, Time from, Time to);

// A relation of aggregates: of each whole hour of the range, and of each point before and after
// them. `condition` chooses both, over the alias `o`: by tenant, attribute and entity.
// Columns: entity_id, attribute_id, us (of the hour's start, or the point), n, ints, int_sum,
// int_min, int_max, doubles, double_sum, double_rest, double_min, double_max, first_at, last_at,
// first_int, last_int, first_double, last_double.
std::string hours_sql(Time from, Time to, std::string_view condition);

// The start of the bucket, in Unix microseconds, of `p`.us: reckoned where buckets are of equal
// length, else looked up among the starts that the calendar gives, in the relation `join` under the
// alias `name`.
struct BucketSql {
    std::string expression;
    std::string join = {};
};
BucketSql bucket_sql(const query::BucketStep& step, Time from, Time to, std::string_view name);

// What the first and the last of several values are told by: their instant, and the entity where
// that is the same, in one integer.
std::string place_sql(std::string_view instant, std::string_view entity);

}  // namespace atlas::analytics
