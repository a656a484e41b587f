// SPDX-License-Identifier: Apache-2.0
//
// Proves that current state and history agree, and repairs what does not: some entities per run,
// and after the last one the first again.
//
//     Runner → [Reconciler] → atlas_check_hot_state, atlas_mend_hot_state
//
// One session at a time reconciles a database (an advisory lock). Each statement is bounded: when
// one takes longer, the next run asks for half as many entities at once, and after a run that
// succeeded for twice as many.
//
// Lifetime   outlives the runner of its job; the registry outlives it. Its place is not stored: a
//            new process starts over.
// Threading  one run at a time; the counters from any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "config/config.h"
#include "jobs/job.h"
#include "observe/log.h"
#include "observe/metrics.h"

namespace atlas::jobs {

struct ReconcileLimits {
    std::int64_t batch = 4000;                            // entities per statement
    std::chrono::milliseconds statement_timeout{10'000};  // of each
};

class Reconciler {
public:
    Reconciler(std::int64_t entities_per_run, observe::Registry& registry,
               ReconcileLimits limits = {});

    // Checks and repairs the next entities, at most `entities_per_run`. Fails as the statement
    // failed, or with 55P03 when another session reconciles for longer than the session's
    // lock_timeout; the next run continues after the last batch that succeeded. Sets the session's
    // statement_timeout.
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
    pg::Expected<void> go_on(pg::Connection& connection);
    pg::Expected<Batch> next(pg::Connection& connection, std::int64_t size);
    pg::Expected<Batch> check(pg::Connection& connection, std::int64_t size);
    pg::Expected<void> repair(pg::Connection& connection, const Batch& batch);

    const std::int64_t entities_per_run_;
    const ReconcileLimits limits_;
    std::int64_t batch_;  // what fits into the bound of a statement, as far as is known
    Key after_;
    observe::Counter checked_;
    observe::Counter repaired_;
    observe::Event diverged_;
};

}  // namespace atlas::jobs
