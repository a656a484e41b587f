// SPDX-License-Identifier: Apache-2.0
//
// Writes an order as SQL, and the condition that a row comes after a given one in it.
//
// Threading  pure functions; any thread.
#pragma once

#include <string>

#include "pg/connection.h"
#include "query/place.h"

namespace atlas::primary {

// Whether ties go down: the index over (updated_at desc, entity_id) is walked backwards then.
bool ties_descend(const query::Order& order);

// The expression of one key over `h` and `e`.
std::string key_sql(const query::OrderKey& key, pg::Params& params);

// "k0 DESC NULLS LAST, k1, entity_id" for rows that carry their keys as columns k0, k1 ….
std::string order_by_columns(const query::Order& order);

// The condition that a row comes after `place`.
std::string after_sql(const query::Order& order, const query::Place& place, pg::Params& params);

}  // namespace atlas::primary
