// SPDX-License-Identifier: Apache-2.0
//
// Which time a page of series has to read: the same for every reader.
//
//     request, place → [SeriesRange] → range of each entity, of one curve over all
//
// Lifetime   one page's; borrows the request.
// Threading  one thread at a time.
#pragma once

#include <optional>

#include "query/series_place.h"

namespace atlas::query {

struct TimeRange {
    Time from{};
    Time to{};  // not included
};

class SeriesRange {
public:
    // `resume` is where the page begins.
    SeriesRange(const SeriesRequest& request, const std::optional<SeriesPlace>& resume);

    // What a page reads at most. One curve over all keeps its buckets open, so its pages cover no
    // more of them than they can show.
    const TimeRange& all() const { return range_; }
    // What is still to be read of an entity.
    TimeRange of(EntityId entity) const;
    // Where the next page begins when this one has shown all that it reads; nullopt: it is the
    // last.
    std::optional<SeriesPlace> next() const;

private:
    bool merged_buckets() const { return request_.merged && !request_.raw; }
    TimeRange from_place(const SeriesPlace& place) const;

    const SeriesRequest& request_;
    const std::optional<SeriesPlace> resume_;
    TimeRange range_;
};

}  // namespace atlas::query
