// SPDX-License-Identifier: Apache-2.0
//
// Tenants in the database: created, found, listed.
//
//     /v1/tenants, `atlas tenants` with --database → [these] → tenants
//
// Lifetime   functions without state; results own what they hold.
// Threading  any thread with a connection of its own. Every call blocks on it: one round trip, at
//            most statement_timeout.
// Errors     pg::Error as the statement failed.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "model/tenant.h"
#include "pg/error.h"

namespace atlas::pg {
class Connection;
}

namespace atlas::catalog {

// nullopt when the name is taken, also by an earlier try of which the outcome was unknown. The
// caller has validated the name.
pg::Expected<std::optional<model::Tenant>> create_tenant(pg::Connection& connection,
                                                         std::string_view name);
// nullopt when there is none of that name.
pg::Expected<std::optional<model::Tenant>> find_tenant(pg::Connection& connection,
                                                       std::string_view name);
// At most `limit` tenants whose names come after `after`, by name; with `only`, that one alone.
pg::Expected<std::vector<model::Tenant>> list_tenants(pg::Connection& connection,
                                                      std::string_view after, int limit,
                                                      std::optional<TenantId> only = {});

}  // namespace atlas::catalog
