// SPDX-License-Identifier: Apache-2.0
//
// Attributes of a tenant by command of a client: listed, declared, changed.
//
//     PUT and PATCH /v1/attributes → [these] → tenant_attributes, catalog epoch → every Catalog
//
// What telemetry itself changes is in ingest/resolve/catalog_writer.h. Both work under the lock of
// the tenant's row; making an attribute hot or cold takes the locks of all shards before it.
//
// Lifetime   functions without state; results own what they hold.
// Threading  any thread with a connection of its own. Every call blocks on it: a few round trips,
//            each at most statement_timeout, and at most lock_timeout per lock.
// Errors     pg::Error as the statement failed; then nothing was changed, but see commit() in
//            pg/transaction.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "model/attribute.h"
#include "pg/error.h"

namespace atlas::pg {
class Connection;
}

namespace atlas::catalog {

struct AttributeList {
    std::string_view after;   // names after this one; empty: from the first
    std::string_view prefix;  // names that begin with it
    std::optional<bool> hot;  // only hot or only cold ones
    int limit = 100;
};
// At most `limit` attributes, by name. Empty for an unknown tenant.
pg::Expected<std::vector<model::Attribute>> list_attributes(pg::Connection& connection,
                                                            TenantId tenant,
                                                            const AttributeList& list);

// What a client requests of an attribute; what is not set stays as it is.
struct AttributeWish {
    std::optional<model::Type> type;  // declares it: no later value changes it
    std::optional<bool> hot;
    std::optional<std::string> unit;  // empty: none
    std::optional<std::string> description;
    std::optional<std::string> category;  // never empty
    bool create = false;                  // PUT: create it if it is new; `type` must be set then
};

struct AttributeChange {
    enum class Outcome : std::uint8_t {
        created,
        changed,          // or already as requested
        not_found,        // unknown, and `create` is not set
        type_in_use,      // stored values do not fit the type
        needs_backfill,   // it has values already, so making it hot must read history
        hot_limit,        // the tenant's limit of hot attributes is reached
        attribute_limit,  // the tenant's limit of attributes is reached
    };
    Outcome outcome = Outcome::changed;
    model::Attribute attribute;  // as it is now, for created, changed and type_in_use
    std::int64_t limit = 0;      // that is reached, for hot_limit and attribute_limit
};
// Applies the change in one transaction, all of it or nothing. A retry is harmless.
pg::Expected<AttributeChange> change_attribute(pg::Connection& connection, TenantId tenant,
                                               std::string_view name, const AttributeWish& wish);

// nullopt: the tenant has no attribute of that name.
pg::Expected<std::optional<model::Attribute>> find_attribute(pg::Connection& connection,
                                                             TenantId tenant,
                                                             std::string_view name);

// Whether values stored as `from` may be read as `to`: as the same type, and ints as doubles or
// decimals, because readers cast them.
bool fits(const model::Attribute& from, model::Type to);

}  // namespace atlas::catalog
