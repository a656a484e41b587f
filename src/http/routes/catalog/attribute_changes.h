// SPDX-License-Identifier: Apache-2.0
//
// What PATCH and DELETE /v1/attributes/{name} do to an attribute that has values: another type,
// another name, or none; or only count its values (dry_run=true).
//
//     attribute_routes → [these] → catalog/attribute_change.h
//
// Threading  block on the session for as long as the current state takes to follow, at most
//            kLongestFollow; the job attribute_changes carries out the rest.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "catalog/catalog.h"
#include "http/server/handler.h"
#include "model/attribute.h"
#include "pg/pool.h"

namespace atlas::http {

inline constexpr std::chrono::seconds kLongestFollow{10};

struct AttributeEdit {
    enum class Kind : std::uint8_t { retype, rename, drop };
    Kind kind = Kind::retype;
    model::Type type = model::Type::string;  // of a retype
    std::string new_name = {};               // of a rename
};

// nullopt: done; else the response that says why not.
std::optional<Response> edit_attribute(pg::Connection& connection, catalog::Catalog& catalog,
                                       const Request& request, const AttributeEdit& edit);

// What the edit would do: how many values there are, and how many of them do not convert.
Response count_values(pg::Connection& connection, const Request& request,
                      const AttributeEdit& edit);

// Whether dry_run=true is given; fills `refused` where the parameter is neither true nor false.
bool is_dry_run(const Request& request, std::optional<Response>& refused);

// The 404 for a name that the tenant does not have.
Response attribute_not_found(const std::string& name);

}  // namespace atlas::http
