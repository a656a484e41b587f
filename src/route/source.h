// SPDX-License-Identifier: Apache-2.0
//
// What the router chooses from: a reader, under a name, with its measured lag and the budget for
// that.
//
// Lifetime   reader and lag outlive the router.
// Threading  any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/lsn.h"
#include "base/time.h"
#include "query/facets.h"
#include "query/reader.h"

namespace atlas::route {

// How far a source is behind the primary's commits.
class Lag {
public:
    virtual ~Lag() = default;
    // Measured within the last second; nullopt: unknown, which counts as stale. Never blocks.
    virtual std::optional<Micros> measured() const = 0;
    // The instant until which the source has every commit, by the primary's clock; nullopt:
    // unknown, or its answers tell. Never blocks.
    virtual std::optional<Time> as_of() const { return std::nullopt; }
    // The position until which the source has every commit, which may lie beyond the last commit
    // that it has; nullopt: unknown, or its answers tell. Never blocks.
    virtual std::optional<LogPosition> holds() const { return std::nullopt; }
    // Why the source has stopped, and what to do, as sentences; empty: it has not. Never blocks.
    virtual std::string stopped() const { return {}; }
};

// The lag of a source that has none by definition: the primary.
class NoLag final : public Lag {
public:
    std::optional<Micros> measured() const override { return Micros{0}; }
};

// A row of the budget table: within `target` a source serves without a word, up to `maximum` with a
// warning, beyond it as `beyond` says.
struct Budget {
    enum class Beyond : std::uint8_t {
        pass_on,  // to the next source
        answer,   // all the same, with a warning
    };
    Micros target = Micros::max();
    Micros maximum = Micros::max();
    Beyond beyond = Beyond::answer;
};

// Brings a source that follows the primary to a position, or says that it will not be there soon.
class Barrier {
public:
    struct Acknowledged {
        LogPosition position;  // every commit acknowledged before the call is before it
        Time at{};             // by the primary's clock, not after that
    };
    virtual ~Barrier() = default;
    // Asks the primary, for all who wait at a time; nullopt: it does not say. Blocks for one round
    // trip, or two.
    virtual std::optional<Acknowledged> acknowledged() = 0;
    // Whether the source holds everything up to `position`. Blocks for a bounded moment.
    virtual bool await(LogPosition position) = 0;
    // Called before another source serves a strong read: what this one may have shown is visible
    // at the primary afterwards, which shows a commit a moment later than the log. Blocks for a
    // bounded moment.
    virtual void settle() = 0;
};

struct Source {
    std::string name;  // "primary", "replica-1", …: what X-Data-Source says
    query::Reader& reader;
    const Lag& lag;
    // Holds every commit acknowledged before a read begins, so it can serve strong reads.
    bool authoritative = false;
    Budget budget = {};
    // Serves series of level analytics, and nothing else.
    bool analytics = false;
    // With it the source serves strong reads, and waits for the commit that a request demands;
    // outlives the router.
    Barrier* barrier = nullptr;
    // Counts facets, too; nullptr: it does not. Outlives the router.
    query::FacetReader* facets = nullptr;
};

}  // namespace atlas::route
