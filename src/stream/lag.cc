// SPDX-License-Identifier: Apache-2.0
#include "stream/lag.h"

#include <algorithm>

namespace atlas::stream {

std::optional<Micros> lag_after(const PrimaryClock& primary, Lsn here,
                                std::optional<Time> oldest_waiting) {
    const auto reading = primary.latest();
    const auto now = primary.now();
    if (!reading || !now) return std::nullopt;
    if (!oldest_waiting) {
        if (here >= reading->flushed) return Micros{0};
        oldest_waiting = primary.longer_since(here);
        if (!oldest_waiting) return std::nullopt;
    }
    return std::max(Micros{0}, std::chrono::duration_cast<Micros>(*now - *oldest_waiting));
}

}  // namespace atlas::stream
