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

// "w.k0 DESC NULLS LAST, w.k1, w.entity_id" for rows `w` that carry their keys as columns k0, k1 ….
// A bare k1 could be a column of the result, such as its text.
std::string order_by_columns(const query::Order& order, std::string_view rows);

// The condition that a row comes after `place`.
std::string after_sql(const query::Order& order, const query::Place& place, pg::Params& params);

}  // namespace atlas::primary
