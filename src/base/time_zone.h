// SPDX-License-Identifier: Apache-2.0
//
// A time zone of the tz database of the machine (/usr/share/zoneinfo): what its clocks show at an
// instant, and the instants at which they show a time. A local time is a count of microseconds
// since its clock showed 1970-01-01 00:00.
//
//     files of local times, buckets of calendar days → [TimeZone] → instants
//
// Lifetime   a value; the database it points into is loaded once and lives as long as the process.
// Threading  immutable; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

// The library's class; only the implementation includes its header.
namespace date {
class time_zone;  // NOLINT(readability-identifier-naming)
}

namespace atlas {

class TimeZone {
public:
    // By its name, for example "Europe/Berlin"; nullopt for one that the database does not have,
    // and where there is no database. The first call reads the database's folder.
    static std::optional<TimeZone> find(std::string_view name);

    std::string_view name() const;
    // Local time minus UTC.
    Micros offset(Time at) const;

    // When the clocks show a time: once, or twice (the hour that autumn repeats), or never (the
    // hour that spring leaves out).
    struct Instants {
        enum class Count : std::uint8_t { once, twice, never };
        Count count;
        // Twice: the earlier one. Never: by the offset before the change, which lies after it.
        Time first;
        // Twice: the later one. Never: the change itself.
        Time second;
        std::string first_name, second_name;  // of the offsets, for example "CEST" and "CET"
    };
    Instants instants(Micros local) const;
    // The instant at which that local day begins.
    Time begin_of_day(std::chrono::days since_epoch) const;

private:
    explicit TimeZone(const date::time_zone* zone) : zone_(zone) {}
    const date::time_zone* zone_;
};

}  // namespace atlas
