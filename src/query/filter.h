// SPDX-License-Identifier: Apache-2.0
//
// The filter language of the API (AIP-160, narrowed): text in, a tree of typed comparisons out.
//
//     text → parse_filter → [Filter, untyped] → bind_filter(catalog) → [Filter, typed] → SQL
//
//     filter     = [ expression ]
//     expression = term { "AND" term } | term { "OR" term }       -- a mix needs parentheses
//     term       = ( "NOT" | "-" ) term | "(" expression ")" | comparison
//     comparison = name operator value | name ":*"
//                | name ( "=" | ":" ) "(" value { "OR" value } ")"
//     operator   = "=" | "!=" | "<" | "<=" | ">" | ">=" | ":"
//     value      = text in double or single quotes | number | "true" | "false"
//     name       = letters, digits, "_", ".", "-", non-ASCII, not beginning with "-"; else in `…`
//
// A comparison with an attribute that the entity lacks is false, whatever the operator; so its NOT
// is true. Text ending in "*" is a prefix (with =, != and :), "\*" a star.
//
// Threading  pure functions; any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "model/tenant_catalog.h"
#include "query/error.h"

namespace atlas::query {

inline constexpr std::size_t kMaxFilterBytes = 16384;
inline constexpr int kMaxFilterDepth = 32;
inline constexpr int kMaxFilterValues = 256;

enum class Field : std::uint8_t { attribute, type, entity, created_at, updated_at };
enum class Op : std::uint8_t { eq, ne, lt, le, gt, ge, present };

struct Literal {
    enum class Kind : std::uint8_t { text, number, boolean };
    Kind kind = Kind::text;
    bool prefix = false;         // text: everything that begins with `text`
    std::string text = {};       // unescaped text, JSON digits of a number, "true" or "false"
    Time time{};                 // set by binding where the field is a time
    std::uint32_t position = 0;  // of its first character, from 1
};

struct Comparison {
    std::string name;
    bool quoted = false;  // in backquotes: always an attribute
    std::uint32_t position = 0;
    Op op = Op::eq;               // ":" with a value means eq
    std::vector<Literal> values;  // several: any of them (eq only); none: present
    // Set by binding.
    Field field = Field::attribute;
    model::Type type = model::Type::string;
    // Its other name while it is being renamed: some of the current state is under either.
    std::string other_name = {};
};

struct Filter {
    enum class Kind : std::uint8_t { everything, comparison, all_of, any_of, negation };
    Kind kind = Kind::everything;
    Comparison comparison = {};
    std::vector<Filter> children = {};  // two or more for all_of and any_of, one for negation
};

// The tree of `text`; blank text is everything. Fails with invalid_filter, position and expected.
Answer<Filter> parse_filter(std::string_view text);

// Resolves names and types in place and brings every literal into the form its field compares:
// numbers for a double rounded to the nearest double, times read. Fails with unknown_attribute,
// attribute_not_hot, or invalid_filter where a value does not fit its field.
Answer<void> bind_filter(Filter& filter, const model::TenantCatalog& catalog);

// "type", "entity", "created_at", "updated_at"; Field::attribute for every other name.
Field builtin_field(std::string_view name);

// The errors of a name that the current state does not have: never written, or cold.
Error unknown_attribute(std::string_view name);
Error attribute_not_hot(std::string_view name);

}  // namespace atlas::query
