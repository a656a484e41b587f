// SPDX-License-Identifier: Apache-2.0
//
// The changes that telemetry causes in a tenant's catalog: attributes seen for the first time, an
// int that becomes double, the first use of a declared one. Each is a short transaction of its own
// under the lock of the tenant's row, before the telemetry that caused it is written.
//
// Threading  any thread with a connection of its own; every call blocks on it.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "model/attribute.h"
#include "pg/connection.h"

namespace atlas::ingest {

struct NewAttribute {
    std::string_view name;
    model::Type type{};
};

// Registers those that the tenant lacks, up to its limit. As long as its limit of hot attributes
// allows, those are hot that are hot in the dictionary; a name new to the dictionary is hot if it
// is a string or bool. An attribute that another gateway registered first stays as it is: reload
// the catalog.
pg::Expected<void> register_attributes(pg::Connection& connection, TenantId tenant,
                                       std::span<const NewAttribute> attributes);

struct CatalogChange {
    std::vector<AttributeId> in_use;  // declared ones that get their first value
    std::vector<AttributeId> widen;   // int → double, where still allowed
    bool empty() const { return in_use.empty() && widen.empty(); }
};
// Changes what still holds: an attribute that another gateway changed first stays as it is.
pg::Expected<void> apply_change(pg::Connection& connection, TenantId tenant,
                                const CatalogChange& change);

}  // namespace atlas::ingest
