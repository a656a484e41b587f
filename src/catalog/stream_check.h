// SPDX-License-Identifier: Apache-2.0
//
// Why a server or a role cannot stream its log, each with the statement or the parameter that
// changes it. Atlas serves all the same, without what follows the log.
//
//     StreamReader → [stream_obstacles] → log, /v1/status, atlas check
//
// Lifetime   a function without state.
// Threading  any thread with a connection of its own; blocks for a round trip.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pg/connection.h"

namespace atlas::catalog {

// One line each, for an operator; empty: the session's role can follow the log of its database,
// with the slot of that name.
pg::Expected<std::vector<std::string>> stream_obstacles(pg::Connection& connection,
                                                        std::string_view slot);

}  // namespace atlas::catalog
