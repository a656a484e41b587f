// SPDX-License-Identifier: Apache-2.0
//
// An order as SQL, and the condition that a row comes after a given one in it.
//
// Threading  pure functions; any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "pg/connection.h"
#include "query/order.h"

namespace atlas::query {

// A place in an order: the keys of a row as text, and its id, which settles ties.
struct Place {
    std::vector<std::optional<std::string>> keys;
    EntityId id;
};

// Whether ties go down: the index over (updated_at desc, entity_id) is walked backwards then.
bool ties_descend(const Order& order);

// The expression of one key over `h` and `e`.
std::string key_sql(const OrderKey& key, pg::Params& params);

// "k0 DESC NULLS LAST, k1, entity_id" for rows that carry their keys as columns k0, k1 ….
std::string order_by_columns(const Order& order);

// True for the rows behind `place`.
std::string after_sql(const Order& order, const Place& place, pg::Params& params);

}  // namespace atlas::query
