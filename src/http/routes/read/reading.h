// SPDX-License-Identifier: Apache-2.0
//
// What all reads share: the parameters of consistency, the session, the catalog, the problem that
// an error becomes, and the freshness that every answer carries.
//
//     Request → [Reading] → query → JSON → finish() → Response
//
// Lifetime   ReadContext outlives the routes; a Reading is one request's.
// Threading  one thread at a time per Reading.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/json_writer.h"
#include "catalog/catalog.h"
#include "http/server/handler.h"
#include "query/cold_values.h"
#include "query/entity_get.h"
#include "query/error.h"
#include "query/reads.h"
#include "query/search_memory.h"
#include "query/series.h"
#include "route/source.h"

namespace atlas::http {

struct ReadContext {
    ReadContext(const route::Router& read_router, catalog::Catalog& tenants,
                std::chrono::days widest_range = query::kMaxTimeRange)
        : router(read_router), catalog(tenants), max_time_range(widest_range) {}

    const route::Router& router;
    catalog::Catalog& catalog;
    const std::chrono::days max_time_range;  // of one history query
    query::ShapeCache shapes;
    query::SearchMemory searches;
    query::EntityGetter entities;
};

// The parameters that every read takes, and `more`.
std::vector<std::string> read_parameters(std::vector<std::string> more);

Response problem_of(const query::Error& error);

class Reading {
public:
    explicit Reading(ReadContext& context, const Request& request)
        : context_(context), request_(request) {}

    // Reads the demand, takes a session, loads the tenant's catalog. A response: refuse with it.
    std::optional<Response> begin();

    const Request& request() const { return request_; }
    ReadContext& context() { return context_; }
    const ReadContext& context() const { return context_; }
    pg::Connection& connection() { return **lease_; }
    const model::TenantCatalog& catalog() const { return *catalog_; }
    // The catalog once more from the database: a name that was not found may be new.
    query::Answer<void> reload_catalog();
    const route::Demand& demand() const { return demand_; }
    std::string_view text(std::string_view parameter) const;  // empty when absent
    query::Answer<int> page_size(int fallback, int most) const;

    // Adds `_metadata`, closes the object that `json` has open, sets the headers. 412 instead when
    // the answer is older than the token it had to hold.
    Response finish(std::string body, const query::Snapshot& snapshot);

private:
    std::optional<Response> read_demand();

    ReadContext& context_;
    const Request& request_;
    const std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
    route::Demand demand_;
    route::Source* source_ = nullptr;
    std::optional<pg::Pool::Lease> lease_;
    model::TenantCatalogPtr catalog_;
};

// Runs `answer` between begin() and its own finish(); a query error becomes its problem.
using ReadAnswer = std::function<query::Answer<Response>(Reading&)>;
Handler read_handler(ReadContext& context, ReadAnswer answer);

}  // namespace atlas::http
