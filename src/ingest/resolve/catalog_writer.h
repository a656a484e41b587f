// SPDX-License-Identifier: Apache-2.0
//
// The changes that telemetry itself makes to a tenant's catalog: attributes seen for the first
// time, an int that becomes double, first use of a declared one. Each is a short transaction of
// its own under the tenant row's lock, before the telemetry that caused it is written.
//
// Threading  any thread with a connection of its own.
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

// Registers those that the tenant lacks, up to its limit. While the tenant has room for hot ones,
// those are hot that the dictionary says; a name new to the dictionary is, as a string or bool.
// Whoever else registered one first has won: reload the catalog.
pg::Expected<void> register_attributes(pg::Connection& connection, TenantId tenant,
                                       std::span<const NewAttribute> attributes);

struct CatalogChange {
    std::vector<AttributeId> in_use;     // declared ones that get their first value
    std::vector<AttributeId> widen;      // int → double, where still allowed
    std::vector<AttributeId> wide_ints;  // get an int beyond 2^53
    bool empty() const { return in_use.empty() && widen.empty() && wide_ints.empty(); }
};
pg::Expected<void> apply_change(pg::Connection& connection, TenantId tenant,
                                const CatalogChange& change);

}  // namespace atlas::ingest
