// SPDX-License-Identifier: Apache-2.0
//
// Retyping, renaming and dropping an attribute that has values, without rewriting history.
//
//     PATCH and DELETE /v1/attributes/{name} → [these] → tenant_attributes, catalog epoch
//
// The change itself is one short transaction under the locks of all shards. The current state of
// hot attributes follows in further ones, which a caller of continue_changes() carries out: the
// request that made the change, and the job where that ended before.
//
// Lifetime   functions without state; results own what they hold.
// Threading  any thread with a connection of its own, on which every call blocks.
// Errors     pg::Error as the statement failed; then nothing was changed, but see commit() in
//            pg/transaction.h.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "model/attribute.h"
#include "pg/error.h"

namespace atlas::pg {
class Connection;
}

namespace atlas::catalog {

enum class ChangeOutcome : std::uint8_t {
    done,         // or already as requested
    not_found,    // the tenant has no attribute of that name
    changing,     // the current state still follows an earlier change of one of the names: retry
    name_in_use,  // the tenant has an attribute of the new name
};

// Gives the attribute another type and declares it. What was stored before is read as the new type.
pg::Expected<ChangeOutcome> retype_attribute(pg::Connection& connection, TenantId tenant,
                                             std::string_view name, model::Type type);
// Gives the attribute, history included, another name. The old one is valid, too, until the current
// state has followed; then a write of it begins another attribute.
pg::Expected<ChangeOutcome> rename_attribute(pg::Connection& connection, TenantId tenant,
                                             std::string_view name, std::string_view new_name);
// No read shows the attribute any more; a later write of its name begins another attribute.
pg::Expected<ChangeOutcome> drop_attribute(pg::Connection& connection, TenantId tenant,
                                           std::string_view name);

// Carries out the changes of a tenant (nullopt: of all) for some hundred entities. False when
// nothing is left to do.
pg::Expected<bool> continue_changes(pg::Connection& connection, std::optional<TenantId> tenant);

// From 0 to below 1: how far the current state has followed the changes of a tenant's attributes,
// by name. An attribute without a change that is being carried out has none.
pg::Expected<std::map<std::string, double, std::less<>>> change_progress(pg::Connection& connection,
                                                                         TenantId tenant);

// How many values an attribute has, and how many of them do not convert to `type`.
struct ValueCount {
    std::int64_t stored = 0;
    std::int64_t lost = 0;
};
// Reads the tenant's whole history, in statements that each read as much of it as takes a moment.
// `type` nullopt: nothing is lost.
pg::Expected<ValueCount> count_values(pg::Connection& connection, TenantId tenant,
                                      std::string_view name, std::optional<model::Type> type);

}  // namespace atlas::catalog
