// SPDX-License-Identifier: Apache-2.0
//
// Counts what became of write requests and their data points, by protocol.
//
//     WriteOutcome → [WriteMeter] → atlas_write_…{protocol}, /v1/status
//
// Lifetime   the registry outlives it.
// Threading  any thread.
#pragma once

#include <cstdint>

#include "ingest/request/write.h"
#include "observe/metrics.h"
#include "observe/rate.h"

namespace atlas::ingest {

class WriteMeter {
public:
    explicit WriteMeter(observe::Registry& registry);

    // Once per request, when its outcome is known.
    void record(Format format, const WriteOutcome& outcome);
    // Accepted data points over the last few seconds, and since the start.
    double points_per_second() const { return rate_.per_second(); }
    std::uint64_t accepted_points() const;

private:
    struct Counters {
        Counters(observe::Registry& registry, const char* protocol);
        observe::Counter accepted, rejected, overwritten, busy, unavailable;
    };
    Counters& of(Format format) { return format == Format::line ? line_ : json_; }

    Counters json_;  // and NDJSON
    Counters line_;
    observe::RateMeter rate_;
};

}  // namespace atlas::ingest
