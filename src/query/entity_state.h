// SPDX-License-Identifier: Apache-2.0
//
// An entity as reads show it, and its JSON.
//
// Threading  plain data; one thread at a time.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/json_writer.h"
#include "base/time.h"
#include "query/order.h"

namespace atlas::query {

// The latest value of a cold attribute.
struct ColdValue {
    std::string name;
    std::string json;
    Time at{};
};

struct EntityState {
    EntityId id;
    std::string external_id;
    std::string type;
    Time created_at{};
    Time updated_at{};
    std::optional<Day> last_day;  // the last UTC day on which it reported
    std::optional<Time> last_observed_at;
    std::string hot_attrs = "{}";  // JSON, as the current state holds it
    std::string hot_at = "{}";     // JSON, name → Unix microseconds
    std::vector<ColdValue> cold;
    std::optional<Time> truncated_at;  // where the walk for cold values stopped
};

// The members of the entity; the caller opens and closes the object. With `shown`, exactly those
// attributes, in that order.
void write_entity(JsonWriter& json, const EntityState& entity,
                  const std::optional<NameList>& shown);

// Calls `use(name, value as JSON)` for each member of a JSON object that PostgreSQL wrote.
void for_each_member(std::string_view object,
                     const std::function<void(std::string_view, std::string_view)>& use);

}  // namespace atlas::query
