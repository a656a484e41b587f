// SPDX-License-Identifier: Apache-2.0
//
// What can be read of entities: one by its external id, or a list by filter.
//
//     parameters → [GetRequest, ListRequest] → bind(catalog) → reader
//
// A request is made from the parameters alone; a reader then binds it to the tenant's catalog,
// which resolves names and types. Binding again, to a newer catalog, is allowed.
//
// Threading  plain data; pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/time.h"
#include "model/tenant_catalog.h"
#include "query/demand.h"
#include "query/error.h"
#include "query/filter.h"
#include "query/order.h"

namespace atlas::query {

inline constexpr int kMaxColdObservations = 500;  // per entity, for "*"
inline constexpr std::size_t kMaxColdAttributes = 64;

// Which attributes of an entity are shown: exactly `names`, hot ones from the current state, cold
// ones with their latest value within `window`; without names, all hot ones.
struct Shown {
    std::optional<NameList> names = std::nullopt;
    Micros window{};
    std::vector<model::Attribute> cold = {};  // set by binding: the cold ones among the names
};

struct GetRequest {
    TenantId tenant = {};
    std::string entity = {};  // external id, any bytes
    Shown shown = {};
    Demand demand = {};
};

enum class Count : std::uint8_t { none, exact, estimated };

struct ListRequest {
    TenantId tenant = {};
    Filter filter = {};
    std::string filter_text = {};  // as given: part of a page token's question
    Order order = {};
    Shown shown = {};
    int page_size = 100;
    std::string page_token = {};
    Count count = Count::none;
    Demand demand = {};
};

// Resolves the names of a request in place. Fails with unknown_attribute, attribute_not_hot,
// invalid_filter, invalid_order_by or invalid_parameter (more cold attributes than
// kMaxColdAttributes).
Answer<void> bind(GetRequest& request, const model::TenantCatalog& catalog);
Answer<void> bind(ListRequest& request, const model::TenantCatalog& catalog);

}  // namespace atlas::query
