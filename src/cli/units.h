// SPDX-License-Identifier: Apache-2.0
//
// The units of a tenant's attributes, for tables.
//
// Threading  one thread per Api; blocks.
#pragma once

#include <map>
#include <string>

#include "cli/server.h"

namespace atlas::cli {

// name → unit, without those that have none. At most the first 5,000 attributes are read: numbers
// without their unit are better than a minute of waiting. Throws CommandError.
std::map<std::string, std::string> load_units(Api& api);

}  // namespace atlas::cli
