// SPDX-License-Identifier: Apache-2.0
//
// One key of an order, of the rows of a pinned version: as the primary's SQL compares it
// (primary/keyset_sql.h) and as page tokens hold it.
//
// A row's prefix is a number that orders most rows; compare() settles the rest. Both follow the
// key's direction, and rows without a value come last in either.
//
// Lifetime   borrows the view and the order.
// Threading  one thread at a time: it remembers the prefixes of codes.
#pragma once

#include <compare>
#include <memory>
#include <optional>
#include <string>

#include "index/condition.h"
#include "query/order.h"

namespace atlas::index {

using Prefix = std::uint64_t;

class OrderKey {
public:
    static constexpr Prefix kLast = std::numeric_limits<Prefix>::max();  // without a value

    OrderKey() = default;
    OrderKey(const OrderKey&) = delete;
    OrderKey& operator=(const OrderKey&) = delete;
    virtual ~OrderKey() = default;

    virtual Prefix prefix(Row row) = 0;
    // Takes rows whose prefix is greater out of the mask, where that is cheap.
    virtual void narrow(const Block&, Mask&, Prefix) {}
    virtual std::strong_ordering compare(Row a, Row b) = 0;
    // As a page token holds it; nullopt: the row has no value.
    virtual std::optional<std::string> text(Row row) = 0;

    // The place after which a page begins. False: a text that is no value of this key.
    virtual bool set_place(const std::optional<std::string>& text) = 0;
    virtual Prefix place_prefix() const = 0;
    // The row against the place.
    virtual std::strong_ordering compare_with_place(Row row) = 0;
};

std::unique_ptr<OrderKey> make_order_key(const query::OrderKey& key, const View& view);

}  // namespace atlas::index
