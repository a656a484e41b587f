// SPDX-License-Identifier: Apache-2.0
//
// What the reads are measured on: entities with current state, and a history, made in bulk by SQL.
//
// Threading  one thread per connection; every function blocks, for minutes at full scale, and
//            throws std::runtime_error when a statement fails.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "bench/server.h"

namespace atlas::bench {

struct Tenant {
    std::int64_t id = 0;
    std::string name;
    std::string size_name;  // for metrics
    std::int64_t entities = 0;
    std::int64_t first_entity = 0;  // external ids are e<number>, consecutive
};

struct Population {
    std::int64_t entities = 0;
    Tenant small;  // 7 K of 5 M
    Tenant large;  // 130 K of 5 M
};

// A seventh of the entities is in production, a third online or standby, a fifth of priority 8, 9.
// Without history: a write to an entity that `reported` today makes the gateway look for it.
enum class Reported : std::uint8_t { today, on_earlier_days };
Population populate(pg::Connection& database, std::int64_t entities, Reported reported);

// The reference layout of the same current state: 100 hash partitions by entity, GIN on all of the
// JSONB. Its filter takes the tenant as $1, its changes tenant, external ids and their new status.
void build_reference(pg::Connection& database);
inline constexpr std::string_view kReferenceFilter =
    "SELECT entity_id FROM reference_jsonb WHERE tenant_id = $1 "
    "AND hot_attrs @> '{\"environment\": \"production\"}' "
    "AND hot_attrs->>'status' IN ('online', 'standby') AND (hot_attrs->>'priority')::int >= 8 "
    "ORDER BY updated_at DESC LIMIT 100";

inline constexpr std::string_view kReferenceChange =
    "UPDATE reference_jsonb r SET hot_attrs = r.hot_attrs || jsonb_build_object('status', "
    "v.status), "
    "updated_at = now() FROM (SELECT DISTINCT ON (entity) entity, status FROM unnest($2::text[], "
    "$3::text[]) WITH ORDINALITY AS u (entity, status, place) ORDER BY entity, place DESC) v "
    "JOIN entities e ON e.tenant_id = $1::bigint AND e.external_id = v.entity "
    "WHERE r.entity_id = e.entity_id AND r.tenant_id = e.tenant_id";

struct History {
    std::int64_t entities = 0;  // external ids h0, h1, …
    std::int64_t points = 0;
    std::string attributes;  // their names, comma separated
    std::int64_t from_ms = 0;
    std::int64_t to_ms = 0;
};
// A point a minute of ten attributes over 24 hours, written in the order of time.
History populate_history(pg::Connection& database, std::int64_t points);

std::int64_t unix_ms_hours_ago(int hours);

}  // namespace atlas::bench
