// SPDX-License-Identifier: Apache-2.0
//
// Counts the values of one attribute among the rows that a scan finds.
//
//     scan() → add(block, mask) … → finish() → query::Facet
//
// Lifetime   borrows the view and the request's attribute.
// Threading  one thread at a time.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "index/condition.h"
#include "query/facets.h"

namespace atlas::index {

class FacetCount {
public:
    FacetCount(const View& view, const query::FacetsRequest::Attribute& attribute);

    void add(const Block& block, const Mask& mask);
    // The `limit` most frequent values of `total` rows.
    query::Facet finish(std::size_t limit, std::int64_t total);

private:
    // How often a value occurs, before its JSON is written.
    struct Counted {
        std::int64_t bits;
        std::int64_t count;
    };
    void add_each(const Block& block, const Mask& mask);
    std::vector<Counted> counted() const;
    std::vector<query::Facet::Value> most_frequent(std::size_t limit) const;

    const View& view_;
    const query::FacetsRequest::Attribute& attribute_;
    const ColumnView* own_;
    const ColumnView* other_;
    std::vector<std::int64_t> by_code_;  // code 0: none
    std::unordered_map<std::int64_t, std::int64_t> by_bits_;
    std::unordered_map<std::string, std::int64_t> by_json_;  // of two columns
    std::string scratch_;
};

}  // namespace atlas::index
