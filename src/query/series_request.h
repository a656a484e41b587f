// SPDX-License-Identifier: Apache-2.0
//
// What can be read of history: series of attributes of one entity or a fleet, raw or in buckets.
//
//     parameters → [SeriesRequest] → bind(catalog) → reader → SeriesPage
//
// Threading  plain data; pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/time.h"
#include "model/tenant_catalog.h"
#include "query/aggregate.h"
#include "query/bucket.h"
#include "query/demand.h"
#include "query/error.h"
#include "query/filter.h"
#include "query/order.h"

namespace atlas::query {

enum class TimeFormat : std::uint8_t { rfc3339, unix_ms, unix_us };

struct SeriesRequest {
    TenantId tenant = {};
    // One entity by its external id, retired or not; else a fleet.
    std::optional<std::string> entity = {};
    Filter filter = {};                             // the fleet
    NameList names = {};                            // of attributes
    std::vector<model::Attribute> attributes = {};  // set by binding
    bool everything = false;  // every attribute there is: those without points are left out
    Time from = {};
    Time to = {};  // not included
    std::optional<BucketStep> step = {};
    bool raw = true;
    std::vector<Aggregate> aggregates = {};  // empty and not raw: avg of numbers, last of the rest
    bool merged = false;                     // one curve over all entities
    bool descending = false;
    TimeFormat time = TimeFormat::rfc3339;
    int page_size = 10'000;  // in points
    std::string page_token = {};
    std::string question = {};  // canonical text of the parameters, for page tokens
    bool explain = false;
    Demand demand = {};
    std::stop_token stop = {};  // the client has gone
};

// Resolves the names in place; binding again, to a newer catalog, is allowed. Fails with
// unknown_attribute, attribute_not_hot, invalid_filter or invalid_parameter (an aggregate that an
// attribute's type lacks).
Answer<void> bind(SeriesRequest& request, const model::TenantCatalog& catalog);

// The aggregates of an attribute of that type under this request.
std::vector<Aggregate> aggregates_of(const SeriesRequest& request, model::Type type);

// The bucket that holds `at`; without a step the one that holds everything.
Bucket bucket_of(const SeriesRequest& request, Time at);

}  // namespace atlas::query
