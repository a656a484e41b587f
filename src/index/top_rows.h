// SPDX-License-Identifier: Apache-2.0
//
// The first rows of an order, of those that a scan finds: a heap of as many as the page needs,
// never a sort of all.
//
//     scan() → add(block, mask) … → finish() → rows in order
//
// Lifetime   borrows the view and the order.
// Threading  one thread at a time.
#pragma once

#include <memory>
#include <vector>

#include "index/order_key.h"
#include "query/place.h"

namespace atlas::index {

class TopRows {
public:
    // At most `wanted` rows, at least one.
    TopRows(const View& view, const query::Order& order, std::size_t wanted);

    // Only rows after the place from now on. False: it does not belong to the order.
    bool begin_after(const query::Place& place);
    // From where a scan probably comes across the first rows soon: new entities have the last rows.
    static From best_scan(const query::Order& order);
    // Rows of the mask; takes out of it those that are not among the first.
    void add(const Block& block, Mask& mask, std::size_t left);
    std::vector<Row> finish();
    query::Place place_of(Row row);

private:
    struct Candidate {
        Prefix prefix;  // of the first key
        Row row;
    };
    bool comes_before(const Candidate& a, const Candidate& b);
    bool is_after_place(const Candidate& candidate);
    std::strong_ordering compare_ids(EntityId a, EntityId b) const;
    void offer(Row row);
    void keep_first();
    auto order() {
        return [this](const Candidate& a, const Candidate& b) { return comes_before(a, b); };
    }

    const View& view_;
    const std::size_t wanted_;
    const std::size_t most_;
    const bool ids_descend_;
    std::vector<std::unique_ptr<OrderKey>> keys_;
    std::optional<EntityId> place_;
    std::vector<Candidate> found_;
    std::optional<Candidate> bound_;  // what comes after it is not among the first
};

}  // namespace atlas::index
