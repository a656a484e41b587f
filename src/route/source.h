// SPDX-License-Identifier: Apache-2.0
//
// What the router chooses from: a reader, under a name, with its measured lag.
//
// Lifetime   reader and lag outlive the router.
// Threading  any thread.
#pragma once

#include <optional>
#include <string>

#include "base/time.h"
#include "query/reader.h"

namespace atlas::route {

// How far a source is behind the primary's commits.
class Lag {
public:
    virtual ~Lag() = default;
    // Measured within the last second; nullopt: unknown, which counts as stale. Never blocks.
    virtual std::optional<Micros> measured() const = 0;
};

// The lag of a source that has none by definition: the primary.
class NoLag final : public Lag {
public:
    std::optional<Micros> measured() const override { return Micros{0}; }
};

struct Source {
    std::string name;  // "primary", "replica-1", …: what X-Data-Source says
    query::Reader& reader;
    const Lag& lag;
    // Holds every commit acknowledged before a read begins, so it can serve strong reads.
    bool authoritative = false;
};

}  // namespace atlas::route
