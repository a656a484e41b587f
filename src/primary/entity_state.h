// SPDX-License-Identifier: Apache-2.0
//
// An entity as the primary's rows hold it, on its way to what a read shows.
//
//     list_entities, EntityGetter → [EntityState] → cold values → shown_entity → query::Entity
//
// Threading  plain data; one thread at a time.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/time.h"
#include "model/tenant_catalog.h"
#include "query/answers.h"
#include "query/order.h"

namespace atlas::primary {

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

// The entity as the request shows it: all hot attributes; with `shown` exactly those, in that
// order. Under present names, and without dropped attributes, whatever the row still has.
query::Entity shown_entity(EntityState&& entity, const std::optional<query::NameList>& shown,
                           const model::TenantCatalog& catalog);

}  // namespace atlas::primary
