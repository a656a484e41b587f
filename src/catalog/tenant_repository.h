// SPDX-License-Identifier: Apache-2.0
//
// Tenants in the database: made, found, listed; by the API and, straight on the database, by the
// command line.
//
// Threading  any thread with a connection of its own; every call blocks on it.
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

namespace atlas::pg {
class Connection;
}

namespace atlas::catalog {

// nullopt when the name is taken. The name must be valid.
pg::Expected<std::optional<model::Tenant>> create_tenant(pg::Connection& connection,
                                                         std::string_view name);
pg::Expected<std::optional<model::Tenant>> find_tenant(pg::Connection& connection,
                                                       std::string_view name);
// At most `limit` tenants whose names come after `after`, by name; with `only`, that one alone.
pg::Expected<std::vector<model::Tenant>> list_tenants(pg::Connection& connection,
                                                      std::string_view after, int limit,
                                                      std::optional<TenantId> only = {});

}  // namespace atlas::catalog
