// SPDX-License-Identifier: Apache-2.0
//
// GET /v1/status: what runs here and how far behind it is, measured at most a second ago.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/lsn.h"
#include "http/server/handler.h"
#include "http/server/readiness.h"
#include "ingest/request/write_meter.h"
#include "observe/rate.h"
#include "pg/pool.h"

namespace atlas::http {

// A role of this process, or a source that answers can be read from.
struct StatusPart {
    std::string name;                   // gateway, jobs; primary, replica-1
    std::string state;                  // running, stopped; serving, unreachable
    std::optional<Lsn> position;        // how far it has come in the primary's log
    std::optional<double> lag_seconds;  // unknown: not measured, or not to be measured
    std::optional<double> rate;         // of what it works on, per second
    std::string rate_unit;              // data_points, answers
    std::string detail;                 // why the state is what it is; empty: nothing to say
};

struct StatusOptions {
    // Asked at every request, on a worker thread; they answer from memory.
    std::vector<std::function<StatusPart()>> roles;
    std::vector<std::function<StatusPart()>> sources;
    std::string psql = {};  // a shell command that opens psql on the database; empty: not told
};

// The references outlive the routes. `reads` counts the reads served from the primary
// (ReadContext::served). The primary is measured through the pool and comes first.
std::vector<Route> status_routes(pg::Pool& pool, const ingest::WriteMeter& writes,
                                 const observe::RateMeter& reads, const Readiness& readiness,
                                 const Clock& clock, StatusOptions options = {});

}  // namespace atlas::http
