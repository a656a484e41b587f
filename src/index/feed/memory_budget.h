// SPDX-License-Identifier: Apache-2.0
//
// Which tenants leave the live index when it takes more memory than it may, and which come back.
//
//     TenantUse of all → [MemoryBudget] → Follower: leave_out(), load of one tenant
//
// Those that were not read for the longest time leave first. One that is asked for comes back once
// there is room, or room is made by tenants that nobody has read for a while; not soon after it
// left, and later each time that it turned out to be too large, so that tenants do not take turns.
//
// Threading  the writer's thread of the index.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "index/live_index.h"

namespace atlas::index {

class MemoryBudget {
public:
    // A tenant that was not read for so long gives way to one that is.
    static constexpr std::chrono::minutes kIdle{10};
    static constexpr std::chrono::hours kLongestPause{1};

    MemoryBudget(std::size_t bytes, std::chrono::milliseconds shortest_pause)
        : bytes_(bytes), shortest_pause_(shortest_pause) {}

    std::size_t bytes() const { return bytes_; }
    // Those that have to leave for the rest to fit.
    std::vector<TenantUse> excess(std::vector<TenantUse> tenants) const;

    // A tenant was left out, which took as much.
    void left(TenantId tenant, std::size_t bytes, Clock::Steady now);
    // It is held again.
    void held(TenantId tenant) { left_.erase(tenant); }
    void clear() { left_.clear(); }

    struct Return {
        TenantId tenant;
        std::vector<TenantUse> instead_of;  // these leave
    };
    // nullopt: none can come back now. The tenants are sorted by id; `wall` is the clock of
    // TenantUse::last_read.
    std::optional<Return> next(const std::vector<TenantUse>& tenants, Clock::Steady now, Time wall);

private:
    struct Left {
        std::size_t bytes = 0;  // the most that it was seen to take
        int times = 0;
        Clock::Steady not_before{};
    };
    const std::size_t bytes_;
    const std::chrono::milliseconds shortest_pause_;
    std::unordered_map<TenantId, Left> left_;
};

}  // namespace atlas::index
