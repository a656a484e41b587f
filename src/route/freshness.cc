// SPDX-License-Identifier: Apache-2.0
#include "route/freshness.h"

#include <fmt/format.h>

#include <algorithm>

namespace atlas::route {
namespace {

std::string seconds(Micros time) {
    return fmt::format("{:.3g} s", std::chrono::duration<double>(time).count());
}

}  // namespace

Freshness measure(const Lag& lag, const Budget& budget) {
    // Before the lag: as_of must not be later than what is served.
    Freshness freshness;
    freshness.holds = lag.holds();
    freshness.as_of = lag.as_of();
    freshness.lag = lag.measured();
    if (!freshness.lag) freshness.stopped = lag.stopped();
    if (!freshness.lag || *freshness.lag > budget.maximum) {
        freshness.standing = Standing::stale;
    } else if (*freshness.lag > budget.target) {
        freshness.standing = Standing::lagging;
    }
    return freshness;
}

bool is_fresh_enough(const Freshness& freshness, const Budget& budget,
                     const query::Demand& demand) {
    if (demand.max_lag && (!freshness.lag || *freshness.lag > *demand.max_lag)) return false;
    return freshness.standing != Standing::stale || budget.beyond == Budget::Beyond::answer;
}

LogPosition held(const query::Snapshot& snapshot, const Freshness& freshness) {
    return freshness.holds ? std::max(snapshot.holds, *freshness.holds) : snapshot.holds;
}

void state(query::Snapshot& snapshot, const std::string& source, const Freshness& freshness,
           const Budget& budget) {
    snapshot.source = source;
    snapshot.lag = freshness.lag;
    if (freshness.as_of) snapshot.as_of = *freshness.as_of;
    snapshot.holds = held(snapshot, freshness);
    std::string word = source;
    std::ranges::replace(word, '-', '_');
    if (freshness.standing == Standing::lagging) {
        snapshot.warnings.push_back(
            {.code = word + "_lagging",
             .detail = fmt::format("{} is {} behind; its target is {}.", source,
                                   seconds(*freshness.lag), seconds(budget.target))});
    }
    if (freshness.standing == Standing::stale) {
        snapshot.warnings.push_back(
            {.code = word + "_stale",
             .detail =
                 freshness.lag
                     ? fmt::format("{} is {} behind; its maximum is {}. Newer data is missing.",
                                   source, seconds(*freshness.lag), seconds(budget.maximum))
                     : fmt::format("How far {} is behind is not known.{}{}", source,
                                   freshness.stopped.empty() ? "" : " ", freshness.stopped)});
    }
}

}  // namespace atlas::route
