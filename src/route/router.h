// SPDX-License-Identifier: Apache-2.0
//
// Chooses the source of each read by its freshness, and is itself a reader: HTTP calls it like any
// other.
//
//     request with its Demand → [Router] → first source that meets it → answer with source and lag
//
// Sources are tried in their order, cheapest first: those within the target of their budget, then
// those within its maximum, then those that serve beyond it; an unknown lag counts as beyond.
// Passed over are sources that are not authoritative where the level is strong, that lag more than
// max_lag or than a budget allows that passes on, or that failed in a way another may not. One with
// a barrier serves strong reads, too, once it holds what the primary had acknowledged before, and
// is waited for where it does not hold the commit yet that the demand names. An answer that does
// not hold that commit is dropped, and the next source is tried. When none is left, the request
// fails with the last failure, or with freshness_not_met and the best that was seen; with not_held
// only if every source says so. Series of level analytics are for the analytics store alone:
// without one they fail with analytics_unavailable.
//
// Lifetime   the sources' readers and lags outlive it.
// Threading  any thread; calls block as their source does.
#pragma once

#include <vector>

#include "query/facets.h"
#include "query/reader.h"
#include "route/freshness.h"
#include "route/source.h"

namespace atlas::route {

class Router final : public query::Reader, public query::FacetReader {
public:
    // At least one source.
    explicit Router(std::vector<Source> sources);

    // As query::Reader; besides, each fails with freshness_not_met, and series() with
    // analytics_unavailable.
    query::Answer<query::EntityAnswer> get(const query::GetRequest& request) override;
    query::Answer<query::EntityPage> list(const query::ListRequest& request) override;
    query::Answer<query::SeriesPage> series(const query::SeriesRequest& request) override;
    // Of the sources that count.
    query::Answer<query::FacetsAnswer> facets(const query::FacetsRequest& request) override;

private:
    struct Candidate {
        const Source* source;
        Freshness freshness;
    };
    class Outcome;
    void settle() const;
    bool pass(Candidate& candidate, const query::Demand& demand,
              std::optional<LogPosition>& floor) const;
    // Which sources take part, besides what the demand says.
    using Serves = bool (*)(const Source&);
    static bool reads(const Source& source) { return !source.analytics; }
    std::vector<Candidate> candidates(const query::Demand& demand, Serves serves,
                                      Outcome& outcome) const;
    template <class Answer, class Demanding, class Ask>
    query::Answer<Answer> choose(const Demanding& request, Serves serves, Ask ask) const;

    const std::vector<Source> sources_;
};

}  // namespace atlas::route
