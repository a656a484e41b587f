// SPDX-License-Identifier: Apache-2.0
//
// The buckets of a series: equal lengths aligned to the epoch, or days, weeks, months and years of
// a calendar, that of a time zone or of UTC. Whatever the zone's clocks do, buckets follow each
// other without gap or overlap.
//
//     step=1d&timezone=Europe/Berlin → [BucketStep] → the bucket of an instant
//
// Threading  immutable; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/time.h"
#include "base/time_zone.h"

namespace atlas::query {

struct Bucket {
    Time start{};
    Time end{};  // not included
    bool holds(Time at) const { return start <= at && at < end; }
};

class BucketStep {
public:
    // Of that length, above zero.
    BucketStep(Micros length) : count_(length.count()) {}  // NOLINT(google-explicit-constructor)

    // "10s", "5m", "1h": aligned to the epoch, with a zone too. "1d" is that in UTC; with a zone
    // it is a day of its calendar. "1w" (from Monday), "1mo", "1y": of the calendar of the zone,
    // or of UTC. With a count above 1 they are counted from 1970 on. nullopt for anything else.
    static std::optional<BucketStep> parse(std::string_view text,
                                           const std::optional<TimeZone>& zone);

    Bucket bucket(Time at) const;
    // A start so many buckets after the bucket with this start, or before it. A day that a zone
    // left out counts as a bucket without length.
    Time shift(Time start, std::int64_t buckets) const;

    // Of buckets of equal length, aligned to the epoch; nullopt for those of a calendar.
    std::optional<Micros> length() const {
        return unit_ == Unit::micros ? std::optional(Micros{count_}) : std::nullopt;
    }

private:
    enum class Unit : std::uint8_t { micros, days, weeks, months };
    BucketStep(Unit unit, std::int64_t count, const std::optional<TimeZone>& zone)
        : unit_(unit), count_(count), zone_(zone) {}

    // Calendar buckets are numbered; 0 is the one that begins with 1970, or with its first week.
    std::int64_t number(Time at) const;
    Time begin(std::int64_t number) const;
    Time begin_of_day(std::chrono::days since_epoch) const;

    Unit unit_ = Unit::micros;
    std::int64_t count_;
    std::optional<TimeZone> zone_ = {};
};

}  // namespace atlas::query
