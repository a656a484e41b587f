// SPDX-License-Identifier: Apache-2.0
//
// A structured question about history: measures of attributes, by group.
//
//     JSON of the request → parse_analytics → [AnalyticsRequest] → bind(catalog) → analytics store
//
//     {"from": …, "to": …, "filter": "type = \"pump\"",
//      "measures": [{"name": "mean", "agg": "avg", "attribute": "pressure"}, {"agg": "count"}],
//      "group_by": [{"attribute": "site", "as_of": "window"}, {"field": "type"},
//                   {"bucket": "1h", "timezone": "Europe/Berlin"}],
//      "having": "n >= 10", "order_by": "mean desc", "limit": 100}
//
// A measure without an attribute counts, or measures every attribute when they are grouped by
// {"field": "attribute"}. Entities without a value of an attribute that they are grouped by form a
// group of their own, null.
//
// Threading  plain data; pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/time.h"
#include "model/tenant_catalog.h"
#include "query/bucket.h"
#include "query/error.h"
#include "query/filter.h"
#include "query/order.h"

namespace atlas::query {

inline constexpr std::size_t kMaxMeasures = 32;
inline constexpr std::size_t kMaxGroupKeys = 6;
inline constexpr std::size_t kMaxColumnNameBytes = 255;
inline constexpr std::int64_t kMaxAnalyticsRows = 100'000;
inline constexpr std::int64_t kDefaultAnalyticsRows = 1000;
inline constexpr std::int64_t kMaxBuckets = 100'000;

enum class MeasureKind : std::uint8_t {
    avg,
    min,
    max,
    sum,
    count,
    first,
    last,
    percentile,         // exact, between the two nearest values, linearly; median is the 50th
    approx_percentile,  // by a sketch
    count_distinct,     // values
    count_entities,     // entities that have a value
};

// The words of the API: "avg", "median", "p95", "approx_p95".
struct MeasureWord {
    MeasureKind kind = MeasureKind::count;
    int percent = 0;  // of percentiles
};
std::optional<MeasureWord> parse_measure(std::string_view word);  // nullopt for any other word

struct Measure {
    std::string name;  // of its column
    MeasureKind kind = MeasureKind::count;
    int percent = 0;
    std::optional<std::string> attribute_name = std::nullopt;
    // Set by binding. Without an attribute: every attribute of a type that can be measured so.
    std::optional<model::Attribute> attribute = std::nullopt;
    model::Type type = model::Type::int64;  // of its column
};

struct GroupKey {
    enum class Kind : std::uint8_t {
        attribute,       // by value
        entity,          // external id
        entity_type,     // {"field": "type"}
        attribute_name,  // {"field": "attribute"}
        bucket,          // of time, by its start
    };
    Kind kind = Kind::bucket;
    std::string name;            // of its column
    std::string attribute_name;  // as given
    bool at_sample = false;      // of an attribute: the value at each sample, not the latest
    std::string bucket_text;     // as given
    std::string timezone;        // as given, empty: none
    std::optional<BucketStep> bucket = std::nullopt;
    // Set by binding.
    std::optional<model::Attribute> attribute = std::nullopt;
    model::Type type = model::Type::string;  // of its column
};

// What a result is ordered by: the index of a column, groups first, then measures.
struct ColumnOrder {
    std::size_t column = 0;
    bool descending = false;
};

struct AnalyticsRequest {
    TenantId tenant = {};
    Time from{};
    Time to{};  // not included
    Filter filter = {};
    std::vector<Measure> measures = {};
    std::vector<GroupKey> groups = {};
    Filter having = {};  // over the names of measures
    Order order = {};    // by names of columns; empty: by the groups
    std::int64_t limit = kDefaultAnalyticsRows;
    bool explain = false;
    // Set by binding.
    std::vector<ColumnOrder> columns_order = {};
};

// The request that the JSON text holds; the caller sets tenant and explain. `now` is the
// default of "to", "from" is 7 days before it. Fails with invalid_json, unknown_field,
// invalid_field, invalid_filter or invalid_order_by.
Answer<AnalyticsRequest> parse_analytics(std::string_view json, Time now);

// Resolves names and types in place; binding again, to a newer catalog, is allowed. Fails with
// unknown_attribute, attribute_not_hot, invalid_filter, invalid_order_by or invalid_field.
Answer<void> bind(AnalyticsRequest& request, const model::TenantCatalog& catalog);

// The index of the measure of that name.
std::optional<std::size_t> find_measure(const AnalyticsRequest& request, std::string_view name);

// Whether values of the type can be measured so.
bool applies(MeasureKind kind, model::Type type);

}  // namespace atlas::query
