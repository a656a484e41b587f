// SPDX-License-Identifier: Apache-2.0
//
// Series of attributes of one entity or a fleet, raw or in buckets, straight from packed rows.
//
//     request → SQL (entity by entity, by time) → rows → [RawSeries | BucketSeries] → JSON, page
//     token
//
// Rows come ordered by entity and time, so what is held at any moment is the page's text, one
// bucket and one row, however long the series is. A page holds a slice of time of all attributes;
// it may end inside a series, and the next one goes on with the very point that did not fit.
//
// Threading  pure functions over the caller's connection.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "query/aggregate.h"
#include "query/entity_list.h"
#include "query/packed_row.h"

namespace atlas::query {

inline constexpr auto kMaxTimeRange = std::chrono::days{31};
// What one request may read: enough for a fleet's day, not for holding a session for minutes.
inline constexpr std::int64_t kMaxSeriesRows = 5'000'000;
inline constexpr std::int64_t kMaxHeldValues = 4'000'000;  // for percentiles over a fleet
inline constexpr std::int64_t kMaxMergedEntities = 10'000;

enum class TimeFormat : std::uint8_t { rfc3339, unix_ms, unix_us };

struct SeriesRequest {
    TenantId tenant;
    std::optional<std::string>
        entity;     // one entity by its external id, retired or not; else a fleet
    Filter filter;  // bound; the fleet
    std::vector<model::Attribute> attributes;
    bool everything = false;  // every attribute there is: those without points are left out
    Time from;
    Time to;                     // not included
    std::optional<Micros> step;  // buckets aligned to the epoch
    bool raw = true;
    std::vector<Aggregate> aggregates;  // empty and not raw: avg of numbers, last of the rest
    bool merged = false;                // one curve over all entities
    bool descending = false;
    TimeFormat time = TimeFormat::rfc3339;
    int page_size = 10'000;  // in points
    std::string page_token;
    std::string question;  // canonical text of the parameters: what a page token is for
};

struct SeriesPage {
    std::string series;  // a JSON array
    std::string next_page_token;
    Time from{};  // resolved: those of the first page
    Time to{};
    Snapshot snapshot;
};

// Fails with entity_not_found, invalid_page_token, too_much_data or database.
Answer<SeriesPage> read_series(pg::Connection& connection, ShapeCache& shapes,
                               const SeriesRequest& request);

// The aggregates of an attribute of that type under this request.
std::vector<Aggregate> aggregates_of(const SeriesRequest& request, model::Type type);

}  // namespace atlas::query
