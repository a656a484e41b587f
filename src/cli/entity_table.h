// SPDX-License-Identifier: Apache-2.0
//
// Shows entities of the API as a table: entity, type, when they changed, their attributes.
//
// Threading  pure functions; any thread.
#pragma once

#include <boost/json.hpp>
#include <map>
#include <string>
#include <vector>

#include "cli/present.h"

namespace atlas::cli {

// `attributes` chooses the columns and their order; empty: all that occur, in order of appearance.
Table entity_table(const std::vector<boost::json::value>& entities,
                   const std::vector<std::string>& attributes,
                   const std::map<std::string, std::string>& units, const Terminal& terminal,
                   Time now);

// A value of an attribute with this unit: numbers as with_unit() shows them.
std::string show_with_unit(const boost::json::value& value, const std::string& unit);

}  // namespace atlas::cli
