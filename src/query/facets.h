// SPDX-License-Identifier: Apache-2.0
//
// Facets: how often each value of hot attributes occurs among the entities that match a filter.
//
//     parameters → [FacetsRequest] → bind(catalog) → FacetReader → FacetsAnswer
//
// Values are told apart by their JSON text, as the current state holds it, and come by count, the
// most frequent first, and by their text, byte by byte, where counts are the same.
//
// Lifetime   a FacetReader lives longer than every request.
// Threading  plain data; facets() from any thread, and may block.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "model/tenant_catalog.h"
#include "query/demand.h"
#include "query/error.h"
#include "query/filter.h"
#include "query/order.h"

namespace atlas::query {

inline constexpr int kMaxFacetValues = 1000;
inline constexpr std::size_t kMaxFacets = 64;

struct FacetsRequest {
    TenantId tenant = {};
    Filter filter = {};
    // Of hot attributes, in the order of the answer; nullopt: all, by name.
    std::optional<NameList> names = std::nullopt;
    int limit = 20;  // values of one attribute
    Demand demand = {};

    struct Attribute {
        std::string name;  // as it was requested
        // Its other name while it is being renamed: some of the current state is under either.
        std::string other_name;
    };
    std::vector<Attribute> attributes = {};  // set by binding
};

struct Facet {
    struct Value {
        std::string json;
        std::int64_t count = 0;
    };
    std::string name;
    std::vector<Value> values = {};
    std::int64_t other = 0;   // entities with a value that is not among them
    std::int64_t absent = 0;  // entities without a value
};

struct FacetsAnswer {
    std::vector<Facet> facets;
    std::int64_t total_size = 0;  // entities that match
    Snapshot snapshot;
};

// Resolves the names of a request in place. Fails with unknown_attribute, attribute_not_hot,
// invalid_filter or invalid_parameter (more attributes than kMaxFacets).
Answer<void> bind(FacetsRequest& request, const model::TenantCatalog& catalog);

// A source of responses that counts, too: implemented where query::Reader is.
class FacetReader {
public:
    virtual ~FacetReader() = default;
    // Fails as bind() and query::Reader do.
    virtual Answer<FacetsAnswer> facets(const FacetsRequest& request) = 0;
};

}  // namespace atlas::query
