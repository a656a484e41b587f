// SPDX-License-Identifier: Apache-2.0
#include "query/bucket.h"

#include <algorithm>
#include <charconv>

namespace atlas::query {
namespace {

namespace chrono = std::chrono;

constexpr std::int64_t kMaxCount = 10'000;  // of calendar units
// The first Monday's week, which begins in 1969.
constexpr chrono::days kFirstMonday{-3};
// What no instant of the years 1 to 9999 is outside of.
constexpr Time kBegin{chrono::sys_days{chrono::year{1} / 1 / 1} - chrono::days{400}};
constexpr Time kEnd{chrono::sys_days{chrono::year{9999} / 12 / 31} + chrono::days{400}};

std::int64_t floor_divide(std::int64_t number, std::int64_t by) {
    return number / by - (number % by < 0 ? 1 : 0);
}

}  // namespace

std::optional<BucketStep> BucketStep::parse(std::string_view text,
                                            const std::optional<TimeZone>& zone) {
    std::int64_t count = 0;
    const char* end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, count);
    const std::string_view unit(read.ptr, static_cast<std::size_t>(end - read.ptr));
    const bool calendar = unit == "w" || unit == "mo" || unit == "y" || (zone && unit == "d");
    if (!calendar) {
        const auto length = parse_duration(text);
        if (!length || *length <= Micros{0}) return std::nullopt;
        return BucketStep(*length);
    }
    if (read.ec != std::errc{} || count < 1 || count > kMaxCount) return std::nullopt;
    if (unit == "d") return BucketStep(Unit::days, count, zone);
    if (unit == "w") return BucketStep(Unit::weeks, count, zone);
    return BucketStep(Unit::months, unit == "y" ? count * 12 : count, zone);
}

Time BucketStep::begin_of_day(chrono::days since_epoch) const {
    return zone_ ? zone_->begin_of_day(since_epoch) : Time{since_epoch};
}

std::int64_t BucketStep::number(Time at) const {
    const Micros local = at.time_since_epoch() + (zone_ ? zone_->offset(at) : Micros{0});
    const chrono::days day = chrono::floor<chrono::days>(local);
    if (unit_ == Unit::days) return floor_divide(day.count(), count_);
    if (unit_ == Unit::weeks) return floor_divide((day - kFirstMonday).count(), 7 * count_);
    const chrono::year_month_day date{chrono::sys_days{day}};
    const std::int64_t month = static_cast<unsigned>(date.month());
    return floor_divide((static_cast<int>(date.year()) - 1970) * 12 + month - 1, count_);
}

Time BucketStep::begin(std::int64_t number) const {
    std::int64_t units = 0;
    constexpr std::int64_t kMost = 10'000'000;  // days; months are fewer
    if (__builtin_mul_overflow(number, count_, &units)) units = number < 0 ? -kMost : kMost;
    units = std::clamp(units, -kMost, kMost);
    if (unit_ == Unit::weeks) units *= 7;
    chrono::days day{units};
    if (unit_ == Unit::weeks) day += kFirstMonday;
    if (unit_ == Unit::months) {
        const std::int64_t year =
            std::clamp<std::int64_t>(1970 + floor_divide(units, 12), 0, 10'000);
        const auto month = static_cast<unsigned>(units - floor_divide(units, 12) * 12) + 1;
        const chrono::year_month first{chrono::year{static_cast<int>(year)}, chrono::month{month}};
        day = chrono::sys_days{first / 1}.time_since_epoch();
    }
    if (Time{day} < kBegin) return kBegin;
    if (Time{day} > kEnd) return kEnd;
    return begin_of_day(day);
}

Bucket BucketStep::bucket(Time at) const {
    if (unit_ == Unit::micros) {
        const std::int64_t micros = to_micros(at);
        const Time start = time_from_micros(floor_divide(micros, count_) * count_);
        return {.start = start, .end = shift(start, 1)};
    }
    std::int64_t of = number(at);
    Bucket found{.start = begin(of), .end = begin(of + 1)};
    // A clock that goes back over midnight shows the day before again.
    while (at >= found.end && found.end < kEnd) {
        found = {.start = found.end, .end = begin(++of + 1)};
    }
    return found;
}

Time BucketStep::shift(Time start, std::int64_t buckets) const {
    if (unit_ != Unit::micros) return begin(number(start) + buckets);
    std::int64_t length = 0;
    std::int64_t micros = 0;
    if (__builtin_mul_overflow(count_, buckets, &length) ||
        __builtin_add_overflow(to_micros(start), length, &micros)) {
        return buckets < 0 ? Time::min() : Time::max();
    }
    return time_from_micros(micros);
}

}  // namespace atlas::query
