// SPDX-License-Identifier: Apache-2.0
#include "route/analytics_route.h"

#include <utility>

namespace atlas::route {
namespace {

using query::Answer;
using query::Caller;
using query::ResultTable;
using query::Snapshot;

query::Error not_met(const query::Demand& demand, Snapshot best) {
    return {.code = query::ErrorCode::freshness_not_met,
            .detail = demand.level == query::Level::strong
                          ? "Analytics follow the primary, so they serve no strong reads. Demand a "
                            "max_lag or pass a consistency token instead."
                          : "The analytics store is not as fresh as the request demands. Raise "
                            "max_lag, omit the consistency token, or retry later.",
            .wanted = demand.floor,
            .best = std::move(best)};
}

// The bytes of another stream, with its freshness stated.
class StatedStream final : public query::ByteStream {
public:
    StatedStream(std::unique_ptr<query::ByteStream> stream, Snapshot snapshot)
        : stream_(std::move(stream)), snapshot_(std::move(snapshot)) {}
    Answer<bool> next(std::string& chunk) override { return stream_->next(chunk); }
    const Snapshot& snapshot() const override { return snapshot_; }

private:
    const std::unique_ptr<query::ByteStream> stream_;
    const Snapshot snapshot_;
};

}  // namespace

Answer<Freshness> AnalyticsRoute::begin(const query::Demand& demand) const {
    Freshness freshness = measure(lag_, budget_);
    if (demand.level != query::Level::strong && is_fresh_enough(freshness, budget_, demand)) {
        return freshness;
    }
    Snapshot best;
    best.source = name_;
    best.lag = freshness.lag;
    return failure(not_met(demand, std::move(best)));
}

Answer<void> AnalyticsRoute::end(Snapshot& snapshot, const Freshness& freshness,
                                 const query::Demand& demand) const {
    state(snapshot, name_, freshness, budget_);
    if (demand.floor && snapshot.holds < *demand.floor) {
        return failure(not_met(demand, std::move(snapshot)));
    }
    return {};
}

template <class Ask>
Answer<ResultTable> AnalyticsRoute::table(const Caller& caller, Ask ask) const {
    const auto freshness = begin(caller.demand);
    if (!freshness) return failure(freshness.error());
    Answer<ResultTable> table = ask();
    if (!table) return table;
    if (auto met = end(table->snapshot, *freshness, caller.demand); !met) {
        return failure(std::move(met.error()));
    }
    return table;
}

Answer<ResultTable> AnalyticsRoute::query(const query::AnalyticsRequest& request,
                                          query::ResultFormat format, const Caller& caller) {
    return table(caller, [&] { return store_.query(request, format, caller); });
}

Answer<ResultTable> AnalyticsRoute::sql(const query::SqlRequest& request,
                                        query::ResultFormat format, const Caller& caller) {
    return table(caller, [&] { return store_.sql(request, format, caller); });
}

Answer<ResultTable> AnalyticsRoute::named(const query::NamedRequest& request,
                                          query::ResultFormat format, const Caller& caller) {
    return table(caller, [&] { return store_.named(request, format, caller); });
}

Answer<std::unique_ptr<query::ByteStream>> AnalyticsRoute::export_points(
    const query::ExportRequest& request, const Caller& caller) {
    const auto freshness = begin(caller.demand);
    if (!freshness) return failure(freshness.error());
    auto stream = store_.export_points(request, caller);
    if (!stream) return stream;
    Snapshot snapshot = (*stream)->snapshot();
    if (auto met = end(snapshot, *freshness, caller.demand); !met) {
        return failure(std::move(met.error()));
    }
    return std::make_unique<StatedStream>(std::move(*stream), std::move(snapshot));
}

}  // namespace atlas::route
