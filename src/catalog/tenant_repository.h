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
#include "base/time.h"
#include "pg/connection.h"

namespace atlas::model {

struct Tenant {
    TenantId id;
    std::string name;
    Time created_at;
    bool active = true;
};

inline constexpr std::size_t kMaxTenantNameBytes = 255;

// nullptr when the name is 1-255 bytes of UTF-8 without control characters, else what is wrong.
const char* tenant_name_fault(std::string_view name);

// nullopt when the name is taken. The name must be valid.
pg::Expected<std::optional<Tenant>> create_tenant(pg::Connection& connection,
                                                  std::string_view name);
pg::Expected<std::optional<Tenant>> find_tenant(pg::Connection& connection, std::string_view name);
// At most `limit` tenants whose names come after `after`, by name; with `only`, that one alone.
pg::Expected<std::vector<Tenant>> list_tenants(pg::Connection& connection, std::string_view after,
                                               int limit, std::optional<TenantId> only = {});

}  // namespace atlas::model
