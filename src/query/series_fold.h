// SPDX-License-Identifier: Apache-2.0
//
// Turns the values of observations into the points of a page, as they are or in buckets: the same
// for every reader.
//
//     a reader's rows, by entity and time → [SeriesFold] → SeriesOutput
//
// Lifetime   one page's; borrows request and output.
// Threading  one thread at a time.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "model/value.h"
#include "query/aggregate.h"
#include "query/series_output.h"

namespace atlas::query {

// One value of a row: the attribute's index in the request, and what was stored.
using RowValues = std::vector<std::pair<std::size_t, model::Value>>;

class SeriesFold {
public:
    virtual ~SeriesFold() = default;
    // The rows from here on are of `entity`. False: the page is full.
    virtual bool begin_entity(EntityId entity, const std::string& name) = 0;
    // A row's values, ascending by attribute. False: the page is full, see rest().
    virtual bool add(Time at, const RowValues& values) = 0;
    // The same of one attribute's values in the bucket that holds `at`, aggregated elsewhere: once
    // per bucket, and none of them comes as a row, too. Only where the request has buckets.
    virtual bool add(Time at, std::size_t attribute, const Summary& summary) = 0;
    // No more rows. False: the page is full.
    virtual bool end() = 0;

    // The first point that did not fit, where the next page begins; nullopt when all did.
    const std::optional<SeriesPlace>& rest() const { return rest_; }

protected:
    std::optional<SeriesPlace> rest_;
};

// `resume` is where the page begins: of its entity and instant, attributes before its own are on
// the page before.
std::unique_ptr<SeriesFold> make_fold(const SeriesRequest& request, SeriesOutput& output,
                                      const std::optional<SeriesPlace>& resume);

}  // namespace atlas::query
