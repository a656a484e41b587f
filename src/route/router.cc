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
    // One that lacks part of what is asked says nothing of the others.
    void failed(Error error) {
        (error.code == ErrorCode::not_held ? not_held_ : error_) = std::move(error);
    }

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
        if (not_held_ && !best_) return std::move(*not_held_);
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
    std::optional<Error> not_held_;
    std::optional<Snapshot> best_;
};

Router::Router(std::vector<Source> sources) : sources_(std::move(sources)) {
    assert(!sources_.empty());
}

std::vector<Router::Candidate> Router::candidates(const Demand& demand, Serves serves,
                                                  Outcome& outcome) const {
    std::vector<Candidate> found;
    for (const Source& source : sources_) {
        if (!serves(source)) continue;
        const bool strong = demand.level == query::Level::strong && !source.authoritative;
        if (strong && source.barrier == nullptr) continue;
        const Freshness freshness = measure(source.lag, source.budget);
        // Behind its barrier a source lags by nothing.
        if (strong ? freshness.standing != Standing::stale
                   : is_fresh_enough(freshness, source.budget, demand)) {
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

// So that no strong read shows less than one before it, whichever source that was from.
void Router::settle() const {
    for (const Source& source : sources_) {
        if (source.barrier != nullptr) source.barrier->settle();
    }
}

// Waits until the source holds what the demand asks of it, which `floor` names then. False: it does
// not, within the time that it is given.
bool Router::pass(Candidate& candidate, const Demand& demand,
                  std::optional<LogPosition>& floor) const {
    const Source& source = *candidate.source;
    floor = demand.floor;
    if (source.barrier == nullptr) {
        if (demand.level == query::Level::strong) settle();
        return true;
    }
    if (demand.level == query::Level::strong) {
        const auto acknowledged = source.barrier->acknowledged();
        if (!acknowledged) return false;
        candidate.freshness.standing = Standing::on_target;
        candidate.freshness.lag = Micros{0};
        candidate.freshness.as_of = acknowledged->at;
        floor = std::max(demand.floor.value_or(LogPosition{}), acknowledged->position);
    }
    return !floor || source.barrier->await(*floor);
}

template <class Answer, class Demanding, class Ask>
query::Answer<Answer> Router::choose(const Demanding& request, Serves serves, Ask ask) const {
    const Demand& demand = request.demand;
    Outcome outcome;
    for (Candidate& candidate : candidates(demand, serves, outcome)) {
        const auto& [source, freshness] = candidate;
        std::optional<LogPosition> floor;
        if (!pass(candidate, demand, floor)) {
            outcome.not_fresh(*source, freshness, {});
            continue;
        }
        query::Answer<Answer> answer = ask(*source);
        if (!answer) {
            if (!query::is_retryable(answer.error().code)) return answer;
            outcome.failed(std::move(answer.error()));
            continue;
        }
        query::Snapshot& snapshot = answer->snapshot;
        // What was acknowledged before the read began: that is before the position after it.
        if (source->authoritative) snapshot.holds = snapshot.position;
        if (floor && held(snapshot, freshness) < *floor) {
            outcome.not_fresh(*source, freshness, std::move(snapshot));
            continue;
        }
        state(snapshot, source->name, freshness, source->budget);
        return answer;
    }
    return failure(std::move(outcome).error(demand));
}

query::Answer<query::EntityAnswer> Router::get(const query::GetRequest& request) {
    return choose<query::EntityAnswer>(
        request, reads, [&](const Source& source) { return source.reader.get(request); });
}

query::Answer<query::EntityPage> Router::list(const query::ListRequest& request) {
    return choose<query::EntityPage>(
        request, reads, [&](const Source& source) { return source.reader.list(request); });
}

query::Answer<query::SeriesPage> Router::series(const query::SeriesRequest& request) {
    const bool analytics = request.demand.level == query::Level::analytics;
    if (analytics && std::ranges::none_of(sources_, &Source::analytics)) {
        return failure(Error{.code = ErrorCode::analytics_unavailable,
                             .detail = "No process here has an analytics store. Omit "
                                       "consistency=analytics, or run the role analytics."});
    }
    return choose<query::SeriesPage>(
        request, analytics ? [](const Source& source) { return source.analytics; } : reads,
        [&](const Source& source) { return source.reader.series(request); });
}

query::Answer<query::FacetsAnswer> Router::facets(const query::FacetsRequest& request) {
    return choose<query::FacetsAnswer>(
        request, [](const Source& source) { return source.facets != nullptr; },
        [&](const Source& source) { return source.facets->facets(request); });
}

}  // namespace atlas::route
