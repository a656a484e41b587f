// SPDX-License-Identifier: Apache-2.0
//
// How far something is behind the primary's commits: the age of the oldest commit that it lacks,
// zero when it lacks none, unknown when the primary was not asked within a second.
//
//     PrimaryClock, position, oldest commit that waits → [lag_after] → router, status, metrics
//
// All by the primary's clock and our steady one: a wrong clock of this machine changes nothing. It
// is never lower than the truth by more than two intervals of PrimaryClock.
//
// Threading  any thread, without blocking.
#pragma once

#include <optional>

#include "base/lsn.h"
#include "base/time.h"
#include "stream/primary_clock.h"

namespace atlas::stream {

// `oldest_waiting`: when the oldest transaction was committed that has arrived and is not applied.
// Without one everything until `here` is applied. Also nullopt where the log was longer than `here`
// already when the primary was first asked.
std::optional<Micros> lag_after(const PrimaryClock& primary, Lsn here,
                                std::optional<Time> oldest_waiting);

}  // namespace atlas::stream
