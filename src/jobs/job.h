// SPDX-License-Identifier: Apache-2.0
//
// What a background job is: a piece of upkeep, run with a session at an interval.
//
//     standard_jobs, Reconciler → [Job] → Runner
//
// Lifetime   a value; what `run` refers to outlives the runner.
// Threading  runs of one job do not overlap; different jobs run at the same time.
#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "pg/error.h"

namespace atlas::pg {
class Connection;
}

namespace atlas::jobs {

struct Job {
    std::string name;  // lower case, a label of metrics
    std::chrono::milliseconds interval{};
    // Only in the process that leads the jobs of its database; else in every process.
    bool leader_only = true;
    // Blocks as long as it takes; stop() of the runner cancels its statements. Safe to run twice,
    // also at the same time (see leadership.h). A failure is counted and logged, and the next run
    // tries again.
    std::function<pg::Expected<void>(pg::Connection&)> run;
};

}  // namespace atlas::jobs
