// SPDX-License-Identifier: Apache-2.0
#include "analytics/duckdb/open_hours.h"

#include <algorithm>
#include <optional>

namespace atlas::analytics::duckdb {

std::vector<TenantHour> OpenHours::earliest_day(std::int32_t before_hour) const {
    std::optional<std::int32_t> day;
    for (const TenantHour hour : hours_) {
        if (hour.hour >= before_hour) continue;
        day = day ? std::min(*day, day_of_hour(hour.hour)) : day_of_hour(hour.hour);
    }
    std::vector<TenantHour> found;
    for (const TenantHour hour : hours_) {
        if (hour.hour < before_hour && day_of_hour(hour.hour) == day) found.push_back(hour);
    }
    std::ranges::sort(found);
    return found;
}

}  // namespace atlas::analytics::duckdb
