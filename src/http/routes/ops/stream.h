// SPDX-License-Identifier: Apache-2.0
//
// POST /v1/stream:rebuild: lets a follower of the change stream forget its data and start over from
// the database.
//
// With auth on it takes an admin token of the tenant `system`: the data is that of all tenants.
//
// Threading  the handler blocks only where it forwards.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "http/server/auth.h"
#include "http/server/handler.h"

namespace atlas::http {

// Has the follower of that name start over soon; empty: all of this process. Returns the names of
// those that will; none when there is none.
using RebuildFollowers = std::function<std::vector<std::string>(std::string_view follower)>;

// `forward` is asked where this process has none; it may be empty.
std::vector<Route> stream_routes(AuthMode mode, RebuildFollowers rebuild, Forward forward = {});

}  // namespace atlas::http
