// SPDX-License-Identifier: Apache-2.0
//
// Questions to the analytics store under its budget, as the router does it for reads: what the
// store is too old for is refused, and each answer states how old it is.
//
//     request with its Demand → [AnalyticsRoute] → query::Analytics → answer with source and lag
//
// A `strong` question is always refused: what the store holds follows the primary. An answer that
// does not hold the commit that the demand names is dropped. Both fail with freshness_not_met and
// what could be had.
//
// Lifetime   the store and its lag outlive it.
// Threading  any thread; calls block as the store does.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "query/analytics.h"
#include "route/freshness.h"

namespace atlas::route {

class AnalyticsRoute final : public query::Analytics {
public:
    // `name` is what X-Data-Source says.
    AnalyticsRoute(std::string name, query::Analytics& store, const Lag& lag, Budget budget)
        : name_(std::move(name)), store_(store), lag_(lag), budget_(budget) {}

    query::Answer<query::ResultTable> query(const query::AnalyticsRequest& request,
                                            query::ResultFormat format,
                                            const query::Caller& caller) override;
    query::Answer<query::ResultTable> sql(const query::SqlRequest& request,
                                          query::ResultFormat format,
                                          const query::Caller& caller) override;
    std::vector<query::NamedQuery> queries() const override { return store_.queries(); }
    query::Answer<query::ResultTable> named(const query::NamedRequest& request,
                                            query::ResultFormat format,
                                            const query::Caller& caller) override;
    query::Answer<std::unique_ptr<query::ByteStream>> export_points(
        const query::ExportRequest& request, const query::Caller& caller) override;

private:
    template <class Ask>
    query::Answer<query::ResultTable> table(const query::Caller& caller, Ask ask) const;
    query::Answer<Freshness> begin(const query::Demand& demand) const;
    query::Answer<void> end(query::Snapshot& snapshot, const Freshness& freshness,
                            const query::Demand& demand) const;

    const std::string name_;
    query::Analytics& store_;
    const Lag& lag_;
    const Budget budget_;
};

}  // namespace atlas::route
