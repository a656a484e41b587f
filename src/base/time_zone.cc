// SPDX-License-Identifier: Apache-2.0
#include "base/time_zone.h"

#include <date/tz.h>

#include <stdexcept>

namespace atlas {

using std::chrono::seconds;

std::optional<TimeZone> TimeZone::find(std::string_view name) {
    try {
        return TimeZone(date::locate_zone(name));
    } catch (const std::runtime_error&) {
        return std::nullopt;  // no such zone, or no database
    }
}

std::string_view TimeZone::name() const {
    return zone_->name();
}

Micros TimeZone::offset(Time at) const {
    const date::sys_seconds whole{std::chrono::floor<seconds>(at.time_since_epoch())};
    return zone_->get_info(whole).offset;
}

TimeZone::Instants TimeZone::instants(Micros local) const {
    const date::local_seconds whole{std::chrono::floor<seconds>(local)};
    const date::local_info found = zone_->get_info(whole);
    Instants out{.count = Instants::Count::once,
                 .first = Time{local - found.first.offset},
                 .second = Time{local - found.second.offset},
                 .first_name = found.first.abbrev,
                 .second_name = found.second.abbrev};
    if (found.result == date::local_info::unique) out.second = out.first;
    if (found.result == date::local_info::ambiguous) out.count = Instants::Count::twice;
    if (found.result == date::local_info::nonexistent) {
        out.count = Instants::Count::never;
        out.second = Time{found.first.end.time_since_epoch()};
    }
    return out;
}

Time TimeZone::begin_of_day(std::chrono::days since_epoch) const {
    const Instants midnight = instants(since_epoch);
    return midnight.count == Instants::Count::never ? midnight.second : midnight.first;
}

}  // namespace atlas
