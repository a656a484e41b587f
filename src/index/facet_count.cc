// SPDX-License-Identifier: Apache-2.0
#include "index/facet_count.h"

#include <algorithm>

namespace atlas::index {
namespace {

template <class Array>
void count_codes(const Array& array, const View& view, const Block& block, const Mask& mask,
                 std::vector<std::int64_t>& counts) {
    const auto* const cells = array.block(block.number, view.number());
    for_each_row(mask, block.rows, [&](std::size_t at) { ++counts[cells[at]]; });
}

bool is_more_frequent(const query::Facet::Value& a, const query::Facet::Value& b) {
    return a.count != b.count ? a.count > b.count : a.json < b.json;
}

// Leaves the `limit` most frequent values, in any order.
void keep_first(std::vector<query::Facet::Value>& values, std::size_t limit) {
    const auto end = values.begin() + static_cast<std::ptrdiff_t>(limit);
    std::ranges::nth_element(values, end, is_more_frequent);
    values.erase(end, values.end());
}

// How many more than the limit are held at a time.
constexpr std::size_t kSpare = 4096;

}  // namespace

FacetCount::FacetCount(const View& view, const query::FacetsRequest::Attribute& attribute)
    : view_(view),
      attribute_(attribute),
      own_(view.table().find(attribute.name)),
      other_(attribute.other_name.empty() ? nullptr : view.table().find(attribute.other_name)) {
    if (own_ == nullptr) std::swap(own_, other_);
    if (own_ != nullptr && other_ == nullptr && is_coded(own_->form)) {
        by_code_.resize(own_->codes);
    }
}

void FacetCount::add(const Block& block, const Mask& mask) {
    if (own_ == nullptr) return;
    if (other_ != nullptr) {
        add_each(block, mask);
        return;
    }
    switch (own_->form) {
        case Form::codes8:
            count_codes(std::get<Codes8>(*own_->cells), view_, block, mask, by_code_);
            return;
        case Form::codes16:
            count_codes(std::get<Codes16>(*own_->cells), view_, block, mask, by_code_);
            return;
        case Form::codes32:
            count_codes(std::get<Codes32>(*own_->cells), view_, block, mask, by_code_);
            return;
        case Form::ints:
        case Form::doubles:
        case Form::times: break;
    }
    const std::int64_t* const cells =
        std::get<Plain>(*own_->cells).block(block.number, view_.number());
    for_each_row(mask, block.rows, [&](std::size_t at) {
        if (cells[at] != kAbsent) ++by_bits_[cells[at]];
    });
}

// The value under the other name counts where there is one.
void FacetCount::add_each(const Block& block, const Mask& mask) {
    for_each_row(mask, block.rows, [&](std::size_t at) {
        const Row row = block.first() + static_cast<Row>(at);
        auto value = other_->value(row, view_.number(), scratch_);
        if (!value) value = own_->value(row, view_.number(), scratch_);
        if (value) ++by_json_[std::string(value->json)];
    });
}

std::vector<FacetCount::Counted> FacetCount::counted() const {
    std::vector<Counted> all;
    for (std::size_t code = 1; code < by_code_.size(); ++code) {
        if (by_code_[code] != 0) all.push_back({static_cast<std::int64_t>(code), by_code_[code]});
    }
    for (const auto& [bits, count] : by_bits_) all.push_back({bits, count});
    return all;
}

// The `limit` most frequent values, and some more: there may be millions of values, and few of them
// are worth their text.
std::vector<query::Facet::Value> FacetCount::most_frequent(std::size_t limit) const {
    std::vector<query::Facet::Value> values;
    values.reserve(by_json_.size());
    for (const auto& [json, count] : by_json_) values.push_back({.json = json, .count = count});
    std::vector<Counted> all = counted();
    if (all.size() > limit) {
        const auto last = all.begin() + static_cast<std::ptrdiff_t>(limit);
        std::ranges::nth_element(all, last, std::ranges::greater{}, &Counted::count);
        const std::int64_t least =
            std::ranges::min_element(all.begin(), last, {}, &Counted::count)->count;
        std::erase_if(all, [least](const Counted& one) { return one.count < least; });
    }
    std::string scratch;
    for (const Counted& one : all) {
        const auto value = own_->value_of(one.bits, view_.number(), scratch);
        if (!value) continue;
        values.push_back({.json = std::string(value->json), .count = one.count});
        if (values.size() > limit + kSpare) keep_first(values, limit);
    }
    return values;
}

query::Facet FacetCount::finish(std::size_t limit, std::int64_t total) {
    query::Facet facet{.name = attribute_.name, .absent = total};
    for (const Counted& one : counted()) facet.other += one.count;
    for (const auto& [json, count] : by_json_) facet.other += count;
    facet.absent -= facet.other;
    facet.values = most_frequent(limit);
    const std::size_t kept = std::min(limit, facet.values.size());
    const auto end = facet.values.begin() + static_cast<std::ptrdiff_t>(kept);
    std::partial_sort(facet.values.begin(), end, facet.values.end(), is_more_frequent);
    facet.values.erase(end, facet.values.end());
    for (const query::Facet::Value& value : facet.values) facet.other -= value.count;
    return facet;
}

}  // namespace atlas::index
