// SPDX-License-Identifier: Apache-2.0
//
// The units of a tenant's attributes, for tables.
#pragma once

#include <map>
#include <string>

#include "cli/server.h"

namespace atlas::cli {

// name → unit, without those that have none. At most the first 5,000 attributes are asked for:
// numbers without their unit are better than a minute of waiting.
std::map<std::string, std::string> load_units(Api& api);

}  // namespace atlas::cli
