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

// What a read is for: a row of the budget table.
enum class Purpose : std::uint8_t {
    alert,      // strong
    dashboard,  // as each source's own budget allows
    exporting,  // "export": lag as it may be configured
};
std::optional<Purpose> parse_purpose(std::string_view word);

struct Demand {
    Level level = Level::eventual;
    std::optional<Micros> max_lag = std::nullopt;
    // The answer must hold all commits up to it; part of the history of the server that is read.
    std::optional<LogPosition> floor = std::nullopt;
};

// Narrows the demand to what the purpose allows; a narrower one stays as it is. `export_max_lag`
// is that of the purpose export.
void tighten(Demand& demand, Purpose purpose, Micros export_max_lag);

}  // namespace atlas::query
