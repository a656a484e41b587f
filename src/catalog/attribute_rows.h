// SPDX-License-Identifier: Apache-2.0
//
// The rows of queries/attributes/find.sql, list.sql and load.sql as attributes: for the files that
// run those queries.
//
// Lifetime   copies what it reads.
// Threading  pure function; any thread.
#pragma once

#include <string>
#include <vector>

#include "model/attribute.h"
#include "pg/rows.h"

namespace atlas::catalog {

// All rows of find.sql or list.sql, in their order. Text format.
std::vector<model::Attribute> read_attributes(const pg::Rows& rows);

// The rows of load.sql: attributes with what they superseded, and names that were dropped.
struct LoadedAttributes {
    std::vector<model::Attribute> attributes;  // ascending by id
    std::vector<std::string> dropped;
};
LoadedAttributes read_loaded_attributes(const pg::Rows& rows);

}  // namespace atlas::catalog
