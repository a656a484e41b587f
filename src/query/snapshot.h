// SPDX-License-Identifier: Apache-2.0
//
// How fresh a response is and what it holds: every response carries one.
//
//     reader → [Snapshot: as_of, position] → router adds source and lag → headers, _metadata
//
// Threading  plain data; one thread at a time.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "base/lsn.h"
#include "base/time.h"

namespace atlas::query {

// What a client should know about a response that it got all the same.
struct Warning {
    std::string code;  // stable, snake_case: analytics_stale
    std::string detail;
};

struct Snapshot {
    Time as_of{};          // every commit acknowledged by then is in the response
    LogPosition position;  // everything the response shows was committed at or before it
    // Every commit at or before it is in the response. Zero: not known; the primary leaves it so,
    // because it has every commit acknowledged before the read began.
    LogPosition holds = {};
    std::string source = {};  // set by the router: "primary", "live", "replica-1", …
    std::optional<Micros> lag = std::nullopt;  // of the source, set by the router; nullopt: unknown
    std::vector<Warning> warnings = {};        // set by the router

    // Adds another read of the same response: as old as its oldest, showing what its last could
    // see. Of several sources the stalest counts, and unknown is stalest.
    void extend(const Snapshot& other) {
        if (as_of == Time{}) {
            as_of = other.as_of;
            holds = other.holds;
        } else if (other.as_of != Time{}) {
            as_of = std::min(as_of, other.as_of);
            holds = std::min(holds, other.holds);
        }
        position = std::max(position, other.position);
        const bool staler = !other.lag || (lag && *other.lag > *lag);
        if (source.empty() || (!other.source.empty() && lag.has_value() && staler)) {
            source = other.source;
            lag = other.lag;
        }
        warnings.insert(warnings.end(), other.warnings.begin(), other.warnings.end());
    }
};

}  // namespace atlas::query
