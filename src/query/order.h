// SPDX-License-Identifier: Apache-2.0
//
// What a list is ordered by (AIP-132): "updated_at desc", "priority desc, entity".
//
// Text is ordered byte by byte, as far as its first 256 characters, entities that lack the
// attribute come last in both directions, and the entity's internal id settles what is left, so
// that every order is total and its places are small.
//
// Threading  pure functions; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/tenant_catalog.h"
#include "query/error.h"
#include "query/filter.h"

namespace atlas::query {

inline constexpr std::size_t kMaxOrderKeys = 4;

struct OrderKey {
    std::string name;
    bool quoted = false;  // in backquotes: always an attribute
    bool descending = false;
    // Set by binding.
    Field field = Field::updated_at;
    model::Type type = model::Type::timestamp;
    // Its other name while it is being renamed: some of the current state is under either.
    std::string other_name = {};
};
using Order = std::vector<OrderKey>;

// The order of `text`; blank text is updated_at desc. Fails with invalid_order_by.
Answer<Order> parse_order(std::string_view text);

// Resolves fields and types in place. Fails with unknown_attribute, attribute_not_hot, or
// invalid_order_by (JSON has no order).
Answer<void> bind_order(Order& order, const model::TenantCatalog& catalog);

// One line that is the same for the same order.
std::string canonical(const Order& order);

// "a, `b c`,d" → names, in order, without their backquotes; a bare * sets `everything`. Fails with
// invalid_parameter for `parameter`.
struct NameList {
    std::vector<std::string> names;
    bool everything = false;  // a bare *
};
Answer<NameList> parse_names(std::string_view text, std::string_view parameter);

}  // namespace atlas::query
