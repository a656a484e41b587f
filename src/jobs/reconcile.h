// SPDX-License-Identifier: Apache-2.0
//
// Proves that current state and history agree, and mends what does not: a window of entities per
// run, round and round over all of them.
//
//     Runner → [Reconciler] → atlas_check_hot_state, atlas_mend_hot_state
//
// Lifetime   outlives the runner of its job; the registry outlives it. Where it stands is not
//            stored: a new process begins anew.
// Threading  one run at a time.
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

    // One window; also begins again at the first entity when it meets the end.
    pg::Expected<void> run(pg::Connection& connection);
    Job job(std::chrono::milliseconds interval);

    std::uint64_t checked() const { return checked_.value(); }
    std::uint64_t mended() const { return mended_.value(); }

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
    pg::Expected<void> mend(pg::Connection& connection, const Batch& batch);

    const std::int64_t entities_per_run_;
    Key after_;
    observe::Counter checked_;
    observe::Counter mended_;
    observe::Event diverged_;
};

}  // namespace atlas::jobs
