// SPDX-License-Identifier: Apache-2.0
//
// The hours of tenants whose aggregates are missing or wrong, as store.open_hours has them: kept in
// memory so that a batch that touches an open hour costs no statement.
//
//     batch → [OpenHours] → what is new → store.open_hours        aggregating ─► close()
//
// Generations tell what changed while an hour is being aggregated: it is taken out of here first,
// so a batch that comes meanwhile opens it again, with the next generation.
//
// Threading  one thread at a time.
#pragma once

#include <cstdint>
#include <unordered_set>
#include <vector>

namespace atlas::analytics::duckdb {

constexpr std::int64_t kHourMicros = 3'600'000'000;
constexpr std::int64_t kDayMicros = 24 * kHourMicros;

// Rounded down, before 1970 too.
constexpr std::int64_t floor_div(std::int64_t value, std::int64_t by) {
    return value / by - (value % by < 0 ? 1 : 0);
}
constexpr std::int32_t hour_of(std::int64_t micros) {
    return static_cast<std::int32_t>(floor_div(micros, kHourMicros));
}
constexpr std::int32_t day_number(std::int64_t micros) {
    return static_cast<std::int32_t>(floor_div(micros, kDayMicros));
}
constexpr std::int32_t day_of_hour(std::int32_t hour) {
    return static_cast<std::int32_t>(floor_div(hour, 24));
}

struct TenantHour {
    std::int64_t tenant = 0;
    std::int32_t hour = 0;
    auto operator<=>(const TenantHour&) const = default;
};

class OpenHours {
public:
    bool contains(TenantHour hour) const { return hours_.contains(hour); }
    void add(TenantHour hour) { hours_.insert(hour); }
    void remove(TenantHour hour) { hours_.erase(hour); }
    void clear() { hours_.clear(); }
    std::size_t size() const { return hours_.size(); }

    // Those of one day that end before `hour`: of the earliest day that has any.
    std::vector<TenantHour> earliest_day(std::int32_t before_hour) const;

private:
    struct Hash {
        std::size_t operator()(TenantHour hour) const {
            return (static_cast<std::uint64_t>(hour.tenant) * 0x9E3779B97F4A7C15 +
                    static_cast<std::uint64_t>(hour.hour));
        }
    };
    std::unordered_set<TenantHour, Hash> hours_;
};

}  // namespace atlas::analytics::duckdb
