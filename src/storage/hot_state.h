// SPDX-License-Identifier: Apache-2.0
//
// The current state of an entity as entity_jsonb holds it: two JSON objects, name → value
// (hot_attrs; model::append_value_json writes one) and name → Unix microseconds (hot_at).
//
// Threading  pure functions; any thread.
#pragma once

#include <functional>
#include <string_view>

namespace atlas::storage {

// One member of an object; borrows for the time of the call that it is handed to.
struct HotMember {
    std::string_view name;
    std::string_view json;  // the value as the object has it
    std::string_view text;  // of a string: without quotes and escapes
};

// Calls `use` for each member of a JSON object that PostgreSQL wrote. What follows a damaged member
// is left out.
void for_each_member(std::string_view object, const std::function<void(const HotMember&)>& use);

}  // namespace atlas::storage
