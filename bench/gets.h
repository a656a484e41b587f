// SPDX-License-Identifier: Apache-2.0
//
// Reads over HTTP, again and again, and how long each took.
//
// Threading  get_repeatedly() blocks and runs a thread per client; `target` is called from all.
#pragma once

#include <functional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "bench/server.h"

namespace atlas::bench {

std::int64_t pick(std::minstd_rand& random, std::int64_t count);

// GETs `target(random)` for a time from several connections; latencies in ms.
std::vector<double> get_repeatedly(const Server& server, int clients, double seconds,
                                   const std::string& tenant, Report& report,
                                   const std::function<std::string(std::minstd_rand&)>& target);

// Four conditions, as kReferenceFilter has them.
inline constexpr std::string_view kFilter =
    "/v1/entities?page_size=100&filter=environment%20%3D%20%22production%22%20AND%20status%20%3D%20"
    "(%22online%22%20OR%20%22standby%22)%20AND%20priority%20%3E%3D%208";

}  // namespace atlas::bench
