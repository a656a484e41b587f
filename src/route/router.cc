// SPDX-License-Identifier: Apache-2.0
#include "route/router.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace atlas::route {
namespace {

using query::Demand;
using query::Error;
using query::ErrorCode;
using query::Snapshot;

}  // namespace

// What becomes of a request that no source has served yet.
class Router::Outcome {
public:
    void failed(Error error) { error_ = std::move(error); }

    // Of what was not fresh enough, the source with the smallest lag describes what can be had; one
    // that was read tells more than one that was passed over.
    void not_fresh(const Source& source, const Freshness& freshness, Snapshot snapshot) {
        snapshot.source = source.name;
        snapshot.lag = freshness.lag;
        if (!best_ || best_->holds < snapshot.holds ||
            (best_->holds == snapshot.holds && snapshot.lag < best_->lag)) {
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

Router::Router(std::vector<Source> sources) : sources_(std::move(sources)) {
    assert(!sources_.empty());
}

std::vector<Router::Candidate> Router::candidates(const Demand& demand, bool analytics,
                                                  Outcome& outcome) const {
    std::vector<Candidate> found;
    for (const Source& source : sources_) {
        if (source.analytics != analytics) continue;
        if (demand.level == query::Level::strong && !source.authoritative) continue;
        const Freshness freshness = measure(source.lag, source.budget);
        if (is_fresh_enough(freshness, source.budget, demand)) {
            found.push_back({.source = &source, .freshness = freshness});
        } else {
            outcome.not_fresh(source, freshness, {});
        }
    }
    std::vector<Candidate> sorted;
    for (const Standing standing : {Standing::on_target, Standing::lagging, Standing::stale}) {
        for (const Candidate& one : found) {
            if (one.freshness.standing == standing) sorted.push_back(one);
        }
    }
    return sorted;
}

template <class Answer, class Request>
query::Answer<Answer> Router::ask(query::Answer<Answer> (query::Reader::*method)(const Request&),
                                  const Request& request, bool analytics) const {
    const Demand& demand = request.demand;
    Outcome outcome;
    for (const auto& [source, freshness] : candidates(demand, analytics, outcome)) {
        auto answer = (source->reader.*method)(request);
        if (!answer) {
            if (!query::is_retryable(answer.error().code)) return answer;
            outcome.failed(std::move(answer.error()));
            continue;
        }
        query::Snapshot& snapshot = answer->snapshot;
        // What was acknowledged before the read began: that is before the position after it.
        if (source->authoritative) snapshot.holds = snapshot.position;
        if (demand.floor && held(snapshot, freshness) < *demand.floor) {
            outcome.not_fresh(*source, freshness, std::move(snapshot));
            continue;
        }
        state(snapshot, source->name, freshness, source->budget);
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
    const bool analytics = request.demand.level == query::Level::analytics;
    if (analytics && std::ranges::none_of(sources_, &Source::analytics)) {
        return failure(Error{.code = ErrorCode::analytics_unavailable,
                             .detail = "No process here has an analytics store. Omit "
                                       "consistency=analytics, or run the role analytics."});
    }
    return ask(&query::Reader::series, request, analytics);
}

}  // namespace atlas::route
