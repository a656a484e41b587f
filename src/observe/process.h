// SPDX-License-Identifier: Apache-2.0
//
// What this process is and uses of its machine: version, memory, file descriptors, CPU time, start
// time; read from /proc at each render of /metrics.
//
// Lifetime   ProcessMetrics is listed as long as it lives; the registry outlives it.
// Threading  any thread.
#pragma once

#include <cstdint>

#include "observe/metrics.h"

namespace atlas::observe {

// Resident memory; 0 where /proc does not say.
std::uint64_t resident_bytes();

struct ProcessUse {
    std::uint64_t resident_bytes = 0;
    std::uint64_t open_fds = 0;
    double cpu_seconds = 0;  // user and system
    std::uint64_t threads = 0;
};
// Zeros where /proc does not say. Reads /proc: too slow for a hot path.
ProcessUse process_use();

class ProcessMetrics {
public:
    explicit ProcessMetrics(Registry& registry);

private:
    Reading build_, resident_, fds_, cpu_, threads_, started_;
};

}  // namespace atlas::observe
