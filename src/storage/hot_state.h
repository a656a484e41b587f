// SPDX-License-Identifier: Apache-2.0
//
// Reads the current state of an entity as entity_jsonb holds it: two JSON objects, name → value
// (hot_attrs) and name → Unix microseconds (hot_at).
//
// Threading  pure functions; any thread.
#pragma once

#include <functional>
#include <string_view>

namespace atlas::storage {

// Calls `use(name, value as JSON)` for each member of a JSON object that PostgreSQL wrote. Both
// borrow for the time of the call. What follows a damaged member is left out, without an error.
void for_each_member(std::string_view object,
                     const std::function<void(std::string_view, std::string_view)>& use);

}  // namespace atlas::storage
