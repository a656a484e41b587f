// SPDX-License-Identifier: Apache-2.0
//
// Posts a fleet's telemetry over HTTP from several connections for a time, and counts what was
// acknowledged.
//
// Threading  run_load() blocks and runs a thread per connection; `advance` is called from all.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "bench/fleet.h"
#include "bench/server.h"

namespace atlas::bench {

struct LoadResult {
    double seconds = 0;
    std::uint64_t points = 0;        // acknowledged
    std::uint64_t observations = 0;  // in acknowledged requests
    std::uint64_t retried = 0;       // 429 and 503
    std::uint64_t failed = 0;        // anything else, and refused points
    std::vector<double> latency_ms;  // of each acknowledged request
    std::vector<std::uint64_t> points_by_second;
    std::vector<std::int64_t> resident;  // bytes of the server, ten times a second
    double resident_mb() const;          // the most of it
    double resident_growth_mb() const;   // the most of the second half above that of the first
    double points_per_second() const { return static_cast<double>(points) / seconds; }
};

struct LoadOptions {
    double seconds = 60;
    int connections = 4;
    double requests_per_second = 0;  // of all connections; 0: as fast as it goes
    bool once = false;               // each body one time; `seconds` is then a limit
    // Prepares a body for its next trip; Fleet::advance unless given.
    std::function<void(Body&, std::minstd_rand&)> advance{};
};

// Requests that get 429 or 503 are sent again.
LoadResult run_load(const Server& server, Fleet& fleet, const LoadOptions& options);

}  // namespace atlas::bench
