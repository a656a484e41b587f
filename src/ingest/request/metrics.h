// SPDX-License-Identifier: Apache-2.0
//
// What the ingest path counts.
#pragma once

#include "observe/log.h"
#include "observe/metrics.h"

namespace atlas::ingest {

struct Metrics {
    explicit Metrics(observe::Registry& registry);

    observe::Counter accepted_points;
    observe::Counter rejected_points;
    observe::Counter observations;
    observe::Counter transactions;
    observe::Counter busy_requests;
    observe::Counter expired_requests;
    observe::Histogram commit_seconds;
    observe::Event retried;
    observe::Event poisoned;
};

}  // namespace atlas::ingest
