// SPDX-License-Identifier: Apache-2.0
#include "route/router.h"

#include <cassert>

namespace atlas::route {
namespace {

using query::Demand;
using query::Error;
using query::ErrorCode;
using query::Snapshot;

bool too_stale(const Demand& demand, const std::optional<Micros>& lag) {
    return demand.max_lag && (!lag || *lag > *demand.max_lag);
}

// What becomes of a request that no source has served yet.
class Outcome {
public:
    void failed(Error error) { error_ = std::move(error); }

    // Of what was not fresh enough, the source with the smallest lag describes what can be had; one
    // that was read tells more than one that was passed over.
    void not_fresh(const Source& source, const std::optional<Micros>& lag, Snapshot snapshot) {
        snapshot.source = source.name;
        snapshot.lag = lag;
        if (!best_ || best_->position < snapshot.position ||
            (best_->position == snapshot.position && snapshot.lag < best_->lag)) {
            best_ = std::move(snapshot);
        }
    }

    Error error(const Demand& demand) && {
        if (error_) return std::move(*error_);
        return {.code = ErrorCode::freshness_not_met,
                .detail =
                    "No source is as fresh as the request demands; this problem describes "
                    "the freshest one. Raise max_lag, omit the consistency token, or "
                    "retry later.",
                .wanted = demand.floor,
                .best = std::move(best_)};
    }

private:
    std::optional<Error> error_;
    std::optional<Snapshot> best_;
};

}  // namespace

Router::Router(std::vector<Source> sources) : sources_(std::move(sources)) {
    assert(!sources_.empty());
}

template <class Answer, class Request>
query::Answer<Answer> Router::ask(query::Answer<Answer> (query::Reader::*method)(const Request&),
                                  const Request& request) const {
    const Demand& demand = request.demand;
    Outcome outcome;
    for (const Source& source : sources_) {
        if (demand.level == query::Level::strong && !source.authoritative) continue;
        const auto lag = source.lag.measured();
        const bool last = &source == &sources_.back();
        if (too_stale(demand, lag)) {
            outcome.not_fresh(source, lag, {});
            continue;
        }
        if (!lag && !last) continue;
        auto answer = (source.reader.*method)(request);
        if (!answer) {
            if (!query::is_retryable(answer.error().code)) return answer;
            outcome.failed(std::move(answer.error()));
            continue;
        }
        if (demand.floor && answer->snapshot.position < *demand.floor) {
            outcome.not_fresh(source, lag, answer->snapshot);
            continue;
        }
        answer->snapshot.source = source.name;
        answer->snapshot.lag = lag;
        return answer;
    }
    return failure(std::move(outcome).error(demand));
}

query::Answer<query::EntityAnswer> Router::get(const query::GetRequest& request) {
    return ask(&query::Reader::get, request);
}

query::Answer<query::EntityPage> Router::list(const query::ListRequest& request) {
    return ask(&query::Reader::list, request);
}

query::Answer<query::SeriesPage> Router::series(const query::SeriesRequest& request) {
    return ask(&query::Reader::series, request);
}

}  // namespace atlas::route
