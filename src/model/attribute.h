// SPDX-License-Identifier: Apache-2.0
//
// An attribute as one tenant knows it: its name, its type and whether it is hot.
//
// Threading  plain data; pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/time.h"

namespace atlas::model {

enum class Type : std::uint8_t { int64, float64, decimal, boolean, string, timestamp, json };

// The words of the API and of tenant_attributes.type: int, double, decimal, bool, string, …
std::string_view to_string(Type type);
std::optional<Type> parse_type(std::string_view word);  // nullopt for any other word

// Which value array of an observation holds values of a type.
enum class Group : std::uint8_t { ints, doubles, decimals, texts };
constexpr Group group_of(Type type) {
    switch (type) {
        case Type::int64:
        case Type::boolean:
        case Type::timestamp: return Group::ints;
        case Type::float64: return Group::doubles;
        case Type::decimal: return Group::decimals;
        case Type::string:
        case Type::json: break;
    }
    return Group::texts;
}

// The category of an attribute that was given none.
inline constexpr std::string_view kUncategorized = "uncategorized";

// What history holds under another id and type: from before a retype.
struct Superseded {
    AttributeId id;
    Type type = Type::string;
};

struct Attribute {
    AttributeId id;  // of storage: what history holds; usually the dictionary's
    std::string name;
    Type type = Type::string;
    bool hot = false;       // effective: the tenant's own flag, else the dictionary's
    bool declared = false;  // by PUT; a declared type never changes by itself
    bool in_use = false;    // a value was, or is about to be, stored
    std::string unit;
    std::string description;
    std::string category{kUncategorized};
    Time created_at{};
    bool from_tags = false;  // only tags of line protocol have written it: gives way to a field
    bool following = false;  // the current state still follows a change of name or type
    std::vector<Superseded> superseded;  // newest first
    std::string old_name;                // valid, too, until the current state has followed

    // The name that is valid besides `one` of the two; empty: there is no other.
    const std::string& other_name(std::string_view one) const {
        return one == old_name ? name : old_name;
    }
};

}  // namespace atlas::model
