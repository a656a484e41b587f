// SPDX-License-Identifier: Apache-2.0
//
// What daylight saving did to the times of a file, for the summary of a run.
//
// Threading  plain data; pure functions.
#pragma once

#include <cstdint>
#include <string>

#include "cli/ingest/time_options.h"

namespace atlas::cli {

struct TimeNotes {
    std::uint64_t repeated = 0;  // times that the clocks show twice
    // Of these, the ones with the entity and time of another record: the later record's values
    // replace those of the earlier.
    std::uint64_t collided = 0;
    std::uint64_t missing = 0;  // times that the clocks never show

    TimeNotes& operator+=(const TimeNotes& other) {
        repeated += other.repeated;
        collided += other.collided;
        missing += other.missing;
        return *this;
    }
};

// Lines for the user; empty when there is nothing to say.
std::string summary(const TimeNotes& notes, const TimeOptions& options, const std::string& file);

}  // namespace atlas::cli
