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

// Whether attributes are registered for tags of line protocol, which give way to fields.
enum class Origin : std::uint8_t { values, tags };

// Registers those that the tenant lacks, up to its limit. As long as its limit of hot attributes
// allows, those are hot that are hot in the dictionary; a name new to the dictionary is hot if it
// is a string or bool. An attribute that another gateway registered first stays as it is: reload
// the catalog.
pg::Expected<void> register_attributes(pg::Connection& connection, TenantId tenant,
                                       std::span<const NewAttribute> attributes,
                                       Origin origin = Origin::values);

// Moves the attribute that only tags have written, history included, to <name>_tag, so that the
// name is free for a field. False: it cannot be moved, because that name is in use. Fails with
// SQLSTATE 55P03 where the current state takes longer to follow than a request can wait: retry.
pg::Expected<bool> move_tag(pg::Connection& connection, TenantId tenant, std::string_view name);

struct CatalogChange {
    std::vector<AttributeId> in_use;   // declared ones that get their first value
    std::vector<AttributeId> widen;    // int → double, where still allowed
    std::vector<AttributeId> no_tags;  // written by more than tags
    bool empty() const { return in_use.empty() && widen.empty() && no_tags.empty(); }
};
// Changes what still holds: an attribute that another gateway changed first stays as it is.
pg::Expected<void> apply_change(pg::Connection& connection, TenantId tenant,
                                const CatalogChange& change);

}  // namespace atlas::ingest
