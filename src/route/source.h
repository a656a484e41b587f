// SPDX-License-Identifier: Apache-2.0
//
// Where answers are read, and what a reader may demand of them.
//
//     request → Demand → [Router] → Source → session → answer with its freshness
//
// Lifetime   sources outlive the router, the router outlives the routes.
// Threading  any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/lsn.h"
#include "base/time.h"
#include "pg/pool.h"

namespace atlas::route {

enum class Level : std::uint8_t { strong, session, eventual, analytics };

std::string_view to_string(Level level);
std::optional<Level> parse_level(std::string_view word);

struct Demand {
    Level level = Level::eventual;
    std::optional<Micros> max_lag;
    std::optional<Lsn> floor;  // the answer must hold everything committed up to there
};

// One place to read operational data from.
class Source {
public:
    virtual ~Source() = default;
    // "primary", "replica-1", …: what X-Data-Source says.
    virtual std::string_view name() const = 0;
    // How far behind the primary's commits it is, measured within the last second; nullopt:
    // unknown.
    virtual std::optional<Micros> lag() const = 0;
    // A session to read on. Blocks up to the pool's wait.
    virtual pg::Expected<pg::Pool::Lease> session() = 0;
};

// The primary: it holds every commit by definition.
class Primary final : public Source {
public:
    explicit Primary(pg::Pool& pool) : pool_(pool) {}
    std::string_view name() const override { return "primary"; }
    std::optional<Micros> lag() const override { return Micros{0}; }
    pg::Expected<pg::Pool::Lease> session() override { return pool_.acquire(); }

private:
    pg::Pool& pool_;
};

// Chooses the source for a demand. The primary satisfies all of them, and is the only one so far;
// cheaper sources that are fresh enough come before it.
class Router {
public:
    explicit Router(Source& primary) : primary_(primary) {}
    Source& choose(const Demand&) const { return primary_; }

private:
    Source& primary_;
};

}  // namespace atlas::route
