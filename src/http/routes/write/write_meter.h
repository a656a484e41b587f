// SPDX-License-Identifier: Apache-2.0
//
// What became of the data points that were sent here, counted where every protocol passes.
//
// Lifetime   shared by the write routes and the status route; the registry outlives it.
// Threading  any thread.
#pragma once

#include <array>
#include <cstdint>

#include "ingest/request/write.h"
#include "observe/metrics.h"
#include "observe/rate.h"

namespace atlas::http {

class WriteMeter {
public:
    enum class Protocol : std::uint8_t { json, line };

    explicit WriteMeter(observe::Registry& registry);

    void record(Protocol protocol, const ingest::WriteOutcome& outcome);
    double points_per_second() const { return rate_.per_second(); }
    std::uint64_t accepted_points() const;

private:
    struct Counters {
        Counters(observe::Registry& registry, const char* protocol);
        observe::Counter accepted, rejected, overwritten, busy, unavailable;
    };
    Counters& of(Protocol protocol) { return protocol == Protocol::json ? json_ : line_; }

    Counters json_, line_;
    observe::RateMeter rate_;
};

}  // namespace atlas::http
