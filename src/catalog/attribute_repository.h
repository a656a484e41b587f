// SPDX-License-Identifier: Apache-2.0
//
// The catalog of attributes by command: listed, declared, changed. What telemetry itself changes
// is in ingest/catalog_writer.h; both work under the lock of the tenant's row, a hot flip under
// the locks of all shards as well.
//
// Threading  any thread with a connection of its own; every call blocks on it.
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

namespace atlas::pg {
class Connection;
}

namespace atlas::catalog {

struct AttributeList {
    std::string_view after;   // names after this one
    std::string_view prefix;  // names that begin so
    std::optional<bool> hot;
    int limit = 100;
};
pg::Expected<std::vector<model::Attribute>> list_attributes(pg::Connection& connection,
                                                            TenantId tenant,
                                                            const AttributeList& list);

// What shall be true of an attribute; what is not set stays as it is.
struct AttributeWish {
    std::optional<model::Type> type;  // declares it: it never changes by itself any more
    std::optional<bool> hot;
    std::optional<std::string> unit;  // empty: none
    std::optional<std::string> description;
    bool create = false;  // PUT: may be new; needs a type then
};

struct AttributeChange {
    enum class Outcome : std::uint8_t {
        created,
        changed,          // or as it was wanted already
        not_found,        // unknown, and not to be created
        type_in_use,      // stored values do not fit the type
        needs_backfill,   // it has values already, so making it hot must read history
        hot_limit,        // the tenant has as many hot attributes as it may
        attribute_limit,  // the tenant has as many attributes as it may
    };
    Outcome outcome = Outcome::changed;
    model::Attribute attribute;  // as it is now, for created, changed and type_in_use
};
pg::Expected<AttributeChange> change_attribute(pg::Connection& connection, TenantId tenant,
                                               std::string_view name, const AttributeWish& wish);

// Whether values stored as `from` may be read as `to`.
bool fits(const model::Attribute& from, model::Type to);

}  // namespace atlas::catalog
