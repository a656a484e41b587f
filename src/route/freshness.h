// SPDX-License-Identifier: Apache-2.0
//
// Compares the lag of a source with its budget and a request's demand, and states it in the
// response.
//
//     Source::lag → [measure] → Freshness → router: which source → [state] → Snapshot
//
// Threading  pure functions, but for the lag, which any thread may ask.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "query/demand.h"
#include "query/snapshot.h"
#include "route/source.h"

namespace atlas::route {

// The better comes first.
enum class Standing : std::uint8_t {
    on_target,
    lagging,  // between target and maximum
    stale,    // beyond the maximum, or unknown
};

struct Freshness {
    std::optional<Micros> lag;  // nullopt: unknown
    std::optional<Time> as_of;  // nullopt: the answer tells
    std::optional<LogPosition> holds = {};
    Standing standing = Standing::on_target;
    std::string stopped = {};  // of an unknown lag: as Lag::stopped()
};

Freshness measure(const Lag& lag, const Budget& budget);

// Whether a request may be served: not if it demands less lag, or the budget passes it on.
bool is_fresh_enough(const Freshness& freshness, const Budget& budget, const query::Demand& demand);

// Until where the answer has every commit, by itself or by what is known of its source.
LogPosition held(const query::Snapshot& snapshot, const Freshness& freshness);

// Sets source, lag, as_of and holds where they are known, and the warnings: `<source>_lagging` or
// `<source>_stale`.
void state(query::Snapshot& snapshot, const std::string& source, const Freshness& freshness,
           const Budget& budget);

}  // namespace atlas::route
