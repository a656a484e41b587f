// SPDX-License-Identifier: Apache-2.0
//
// A background job: what to do with a session, how often.
#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "pg/error.h"

namespace atlas::pg {
class Connection;
}

namespace atlas::pg {
class Connection;
}

namespace atlas::jobs {

struct Job {
    std::string name;  // lower case, a label of metrics
    std::chrono::milliseconds interval{};
    // Once per database, whoever of the gateways leads; else in every process.
    bool leader_only = true;
    // Blocks as long as it takes. A failure is counted and logged, and the next run tries again.
    std::function<pg::Expected<void>(pg::Connection&)> run;
};

}  // namespace atlas::jobs
