// SPDX-License-Identifier: Apache-2.0
#include "index/top_rows.h"

#include <algorithm>

namespace atlas::index {
namespace {

// Fewer rows are offered one by one at once.
constexpr std::size_t kWorthNarrowing = 32;
// How many more rows than twice those wanted are held.
constexpr std::size_t kSpare = 256;

// As primary/keyset_sql.cc has it.
bool ids_descend(const query::Order& order) {
    return order.size() == 1 && order.front().field == query::Field::updated_at &&
           !order.front().descending;
}

}  // namespace

TopRows::TopRows(const View& view, const query::Order& order, std::size_t wanted)
    : view_(view), wanted_(wanted), most_(2 * wanted + kSpare), ids_descend_(ids_descend(order)) {
    found_.reserve(std::min(most_, view.rows()));
    for (const query::OrderKey& key : order) keys_.push_back(make_order_key(key, view));
}

bool TopRows::begin_after(const query::Place& place) {
    for (std::size_t i = 0; i < keys_.size(); ++i) {
        if (!keys_[i]->set_place(place.keys[i])) return false;
    }
    place_ = place.id;
    return true;
}

From TopRows::best_scan(const query::Order& order) {
    const query::OrderKey& key = order.front();
    const bool time =
        key.field == query::Field::updated_at || key.field == query::Field::created_at;
    return time && key.descending ? From::last : From::first;
}

void TopRows::add(const Block& block, Mask& mask, std::size_t left) {
    if (bound_ && left > kWorthNarrowing) keys_.front()->narrow(block, mask, bound_->prefix);
    for_each_row(mask, block.rows,
                 [&](std::size_t at) { offer(block.first() + static_cast<Row>(at)); });
}

void TopRows::offer(Row row) {
    const Candidate candidate{.prefix = keys_.front()->prefix(row), .row = row};
    if (bound_ && candidate.prefix > bound_->prefix) return;
    if (place_ && !is_after_place(candidate)) return;
    if (bound_ && !comes_before(candidate, *bound_)) return;
    found_.push_back(candidate);
    if (found_.size() == most_) keep_first();
}

void TopRows::keep_first() {
    const auto last = found_.begin() + static_cast<std::ptrdiff_t>(wanted_) - 1;
    std::ranges::nth_element(found_, last, order());
    found_.erase(last + 1, found_.end());
    bound_ = found_.back();
}

bool TopRows::comes_before(const Candidate& a, const Candidate& b) {
    if (a.prefix != b.prefix) return a.prefix < b.prefix;
    for (const auto& key : keys_) {
        const auto order = key->compare(a.row, b.row);
        if (order != std::strong_ordering::equal) return order == std::strong_ordering::less;
    }
    return compare_ids(view_.id(a.row), view_.id(b.row)) == std::strong_ordering::less;
}

bool TopRows::is_after_place(const Candidate& candidate) {
    const Prefix place = keys_.front()->place_prefix();
    if (candidate.prefix != place) return candidate.prefix > place;
    for (const auto& key : keys_) {
        const auto order = key->compare_with_place(candidate.row);
        if (order != std::strong_ordering::equal) return order == std::strong_ordering::greater;
    }
    return compare_ids(view_.id(candidate.row), *place_) == std::strong_ordering::greater;
}

std::strong_ordering TopRows::compare_ids(EntityId a, EntityId b) const {
    return ids_descend_ ? b <=> a : a <=> b;
}

std::vector<Row> TopRows::finish() {
    if (found_.size() > wanted_) keep_first();
    std::ranges::sort(found_, order());
    std::vector<Row> rows;
    rows.reserve(found_.size());
    for (const Candidate& candidate : found_) rows.push_back(candidate.row);
    return rows;
}

query::Place TopRows::place_of(Row row) {
    query::Place place{.keys = {}, .id = view_.id(row)};
    for (const auto& key : keys_) place.keys.push_back(key->text(row));
    return place;
}

}  // namespace atlas::index
