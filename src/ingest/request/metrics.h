// SPDX-License-Identifier: Apache-2.0
//
// What the ingest path counts.
//
// Lifetime   the registry outlives it.
// Threading  any thread.
#pragma once

#include "ingest/request/write_meter.h"
#include "observe/log.h"
#include "observe/metrics.h"

namespace atlas::ingest {

struct Metrics {
    explicit Metrics(observe::Registry& registry);

    WriteMeter writes;
    observe::Counter observations;
    observe::Counter transactions;
    observe::Histogram commit_seconds;
    observe::Event retried;
    observe::Event poisoned;
    observe::Event shape_failed;
    observe::Event weak_settings;
};

}  // namespace atlas::ingest
