// SPDX-License-Identifier: Apache-2.0
//
// What readers return: entities as they are shown, pages of them, pages of series.
//
// Threading  plain data; one thread at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "query/snapshot.h"

namespace atlas::query {

// One attribute of an entity, as it is shown.
struct ShownValue {
    std::string name;
    std::string json;
    std::optional<Time> at = std::nullopt;  // an instant at which the value was observed
};

struct Entity {
    std::string external_id;
    std::string type;
    Time created_at{};
    Time updated_at{};
    std::optional<Time> last_observed_at = std::nullopt;
    std::vector<ShownValue> values = {};              // what the request shows, in its order
    std::optional<Time> truncated_at = std::nullopt;  // cold values older than this were not read
};

struct EntityAnswer {
    Entity entity;
    Snapshot snapshot;
};

struct EntityPage {
    std::vector<Entity> entities;
    std::string next_page_token;  // empty on the last page
    std::optional<std::int64_t> total_size;
    Snapshot snapshot;
};

struct SeriesPage {
    std::string series;           // a JSON array; see SeriesOutput
    std::string next_page_token;  // empty on the last page
    Time from{};                  // resolved: those of the first page
    Time to{};
    std::optional<std::string> plan;  // with explain; a JSON object
    Snapshot snapshot;
};

}  // namespace atlas::query
