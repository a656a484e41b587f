// SPDX-License-Identifier: Apache-2.0
//
// How fresh a response must be: the consistency level, the maximum lag, and the commit it must
// hold.
//
//     request parameters → [Demand] → router → source
//
// Threading  plain data; pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/lsn.h"
#include "base/time.h"

namespace atlas::query {

enum class Level : std::uint8_t {
    strong,     // every commit acknowledged before the read began
    session,    // at least the commit that the caller's token names
    eventual,   // whatever a source within its target lag holds
    analytics,  // whatever the analytics store holds
};

// The words of the API.
std::string_view to_string(Level level);
std::optional<Level> parse_level(std::string_view word);  // nullopt for any other word

struct Demand {
    Level level = Level::eventual;
    std::optional<Micros> max_lag = std::nullopt;
    // The answer must hold all commits up to it; part of the history of the server that is read.
    std::optional<LogPosition> floor = std::nullopt;
};

}  // namespace atlas::query
