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

#include "base/lsn.h"
#include "base/time.h"

namespace atlas::query {

struct Snapshot {
    Time as_of{};             // every commit acknowledged by then is in the response
    LogPosition position;     // everything the response shows was committed at or before it
    std::string source = {};  // set by the router: "primary", "live", "replica-1", …
    std::optional<Micros> lag = std::nullopt;  // of the source, set by the router; nullopt: unknown

    // Adds a later read of the same response: as old as its first, showing what its last could see.
    void extend(const Snapshot& later) {
        if (as_of == Time{}) as_of = later.as_of;
        position = std::max(position, later.position);
    }
};

}  // namespace atlas::query
