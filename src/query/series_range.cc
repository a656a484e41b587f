// SPDX-License-Identifier: Apache-2.0
#include "query/series_range.h"

#include <algorithm>

namespace atlas::query {

SeriesRange::SeriesRange(const SeriesRequest& request, const std::optional<SeriesPlace>& resume)
    : request_(request), resume_(resume), range_{request.from, request.to} {
    if (!merged_buckets() || !request_.step) return;
    if (resume_) range_ = from_place(*resume_);
    const auto attributes = static_cast<std::int64_t>(request_.attributes.size());
    const std::int64_t buckets =
        std::max<std::int64_t>(1, request_.page_size / std::max<std::int64_t>(1, attributes));
    if (request_.descending) {
        const Time last = bucket_of(request_, range_.to - Micros{1}).start;
        range_.from = std::max(range_.from, request_.step->shift(last, 1 - buckets));
    } else {
        const Time first = bucket_of(request_, range_.from).start;
        range_.to = std::min(range_.to, request_.step->shift(first, buckets));
    }
}

TimeRange SeriesRange::from_place(const SeriesPlace& place) const {
    TimeRange range{request_.from, request_.to};
    if (!request_.raw && !request_.step) return range;
    if (request_.descending) {
        const Time end = request_.raw ? place.at + Micros{1} : bucket_of(request_, place.at).end;
        range.to = std::min(range.to, end);
    } else {
        range.from = std::max(range.from, place.at);
    }
    return range;
}

TimeRange SeriesRange::of(EntityId entity) const {
    if (!resume_ || resume_->entity != entity || merged_buckets()) return range_;
    return from_place(*resume_);
}

std::optional<SeriesPlace> SeriesRange::next() const {
    if (!merged_buckets() || !request_.step) return std::nullopt;
    if (request_.descending && range_.from > request_.from) {
        const Bucket before = bucket_of(request_, range_.from - Micros{1});
        return SeriesPlace{.entity = {}, .at = before.start};
    }
    if (!request_.descending && range_.to < request_.to) {
        return SeriesPlace{.entity = {}, .at = range_.to};
    }
    return std::nullopt;
}

}  // namespace atlas::query
