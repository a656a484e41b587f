// SPDX-License-Identifier: Apache-2.0
//
// Proves that current state and history agree, and repairs what does not: some entities per run,
// and after the last one the first again.
//
//     Runner → [Reconciler] → atlas_check_hot_state, atlas_mend_hot_state
//
// Lifetime   outlives the runner of its job; the registry outlives it. Its place is not stored: a
//            new process starts over.
// Threading  one run at a time; the counters from any thread.
#pragma once

#include <cstdint>
#include <vector>

#include "config/config.h"
#include "jobs/job.h"
#include "observe/log.h"
#include "observe/metrics.h"

namespace atlas::jobs {

class Reconciler {
public:
    Reconciler(std::int64_t entities_per_run, observe::Registry& registry);

    // Checks and repairs the next entities, at most `entities_per_run`, 500 per statement. Fails as
    // the statement failed; the next run continues after the last batch that succeeded.
    pg::Expected<void> run(pg::Connection& connection);
    Job job(std::chrono::milliseconds interval);

    std::uint64_t checked() const { return checked_.value(); }
    std::uint64_t repaired() const { return repaired_.value(); }

private:
    struct Key {
        std::int64_t tenant = 0;
        std::int64_t entity = 0;
        auto operator<=>(const Key&) const = default;
    };
    struct Batch {
        std::int64_t checked = 0;
        Key last;
        std::vector<std::int64_t> tenants;  // of those that diverge
        std::vector<std::int64_t> entities;
    };
    pg::Expected<Batch> check(pg::Connection& connection, std::int64_t size);
    pg::Expected<void> repair(pg::Connection& connection, const Batch& batch);

    const std::int64_t entities_per_run_;
    Key after_;
    observe::Counter checked_;
    observe::Counter repaired_;
    observe::Event diverged_;
};

}  // namespace atlas::jobs
