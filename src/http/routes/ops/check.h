// SPDX-License-Identifier: Apache-2.0
//
// POST /v1/stream:check: compares the analytics store with history, and repairs what differs. GET
// /v1/stream:check: how far that is, or how it ended.
//
// With auth on they take an admin token of the tenant `system`: the data is that of all tenants.
//
// Threading  the handlers block only where they forward.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "http/server/auth.h"
#include "http/server/handler.h"

namespace atlas::http {

struct StoreCheck {
    std::optional<Time> from = {};   // without both: all of history, and the small tables
    std::optional<Time> until = {};  // not included
    bool repair = true;
};

struct StoreReport {
    std::string state;  // none, running, done, failed
    bool repair = true;
    std::optional<Time> began = {};
    std::optional<Time> ended = {};
    std::uint64_t days = 0;
    std::uint64_t days_done = 0;
    // Of data points, and of rows of small tables.
    struct Compared {
        std::uint64_t compared = 0;
        std::uint64_t missing = 0;
        std::uint64_t changed = 0;
        std::uint64_t extra = 0;
    };
    Compared points = {};
    Compared rows = {};
    std::uint64_t repaired = 0;
    std::uint64_t undecided = 0;
    std::string detail = {};  // why it failed
};

// What became of a request to begin one.
enum class CheckStart : std::uint8_t {
    begun,
    running,   // another one
    filling,   // the store has no complete copy of the database yet
    no_store,  // in this process
};

struct StoreChecks {
    std::function<CheckStart(const StoreCheck&)> begin;
    std::function<std::optional<StoreReport>()> report;
    Forward forward = {};  // to the process that has the store, where this one has none
};

std::vector<Route> check_routes(AuthMode mode, StoreChecks checks);

}  // namespace atlas::http
