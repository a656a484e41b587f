// SPDX-License-Identifier: Apache-2.0
//
// Writes the JSON of a page of series: points are appended attribute by attribute, series are
// written out when their entity is complete.
//
//     SeriesFold → [SeriesOutput] → SeriesPage
//
// Lifetime   one page's; borrows the request.
// Threading  one thread at a time.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "query/series_place.h"
#include "query/series_request.h"

namespace atlas::query {

class SeriesOutput {
public:
    explicit SeriesOutput(const SeriesRequest& request);

    // The points from here on are of `entity`; nullopt: of all.
    void begin_entity(const std::optional<std::string>& entity);
    bool full() const { return points_ >= request_.page_size; }
    bool empty() const { return points_ == 0; }

    // Begins a point of attribute i; the caller appends ",value" for each column after the time,
    // then ends it.
    std::string& begin_point(std::size_t i, Time at);
    static void end_point(std::string& out) { out += ']'; }

    // The array of all series. Nothing can be added after it.
    std::string finish();

private:
    void flush();
    void append_time(std::string& out, Time at) const;
    void write_series(const model::Attribute& attribute, const std::string& points);

    const SeriesRequest& request_;
    std::optional<std::string> entity_;
    bool begun_ = false;
    std::vector<std::string> of_attribute_;
    std::vector<std::size_t> touched_;
    std::int64_t points_ = 0;
    Time time_{};
    std::string time_text_;  // of time_
    std::string series_ = "[";
};

}  // namespace atlas::query
