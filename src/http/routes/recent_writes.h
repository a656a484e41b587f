// SPDX-License-Identifier: Apache-2.0
//
// What this gateway acknowledged of each tenant, so that its later reads show it, also where a
// client passes no token on and a source is a moment behind the primary.
//
//     note_writes(routes) → response of a change → [RecentWrites] → Reading: Demand::floor
//
// Lifetime   longer than the routes.
// Threading  any thread, without blocking.
#pragma once

#include <chrono>
#include <functional>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/ids.h"
#include "base/lsn.h"
#include "http/server/handler.h"

namespace atlas::http {

class RecentWrites {
public:
    // No source that serves reads is that far behind.
    static constexpr std::chrono::seconds kRecent{30};

    void note(TenantId tenant, LogPosition position);
    // The last position of a change; nullopt: there was none lately.
    std::optional<LogPosition> newest(TenantId tenant) const;

private:
    struct Newest {
        LogPosition position;
        std::chrono::steady_clock::time_point noted;
    };
    mutable std::mutex mutex_;
    std::unordered_map<TenantId, Newest> newest_;
};

// The end of the log now; may block.
using EndOfLog = std::function<std::optional<LogPosition>()>;

// The same routes, but what those that change something have acknowledged is noted: the position of
// the response's token or, without one, the end of the log. The two outlive the routes.
std::vector<Route> note_writes(std::vector<Route> routes, RecentWrites& writes, EndOfLog end);

}  // namespace atlas::http
