// SPDX-License-Identifier: Apache-2.0
//
// GET /v1/status: what runs in this process, the stages that data goes through, how far each is,
// and what of the database server weakens acknowledgement or holds back the log, measured at most a
// second ago.
//
// Threading  the handler blocks for at most half a second, and for what StatusOptions asks others.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/lsn.h"
#include "base/time.h"
#include "http/server/handler.h"
#include "http/server/readiness.h"
#include "ingest/request/write_meter.h"
#include "observe/rate.h"
#include "pg/pool.h"

namespace atlas::http {

// A role of this process, a source of responses, or a stage of the pipeline.
struct StatusPart {
    std::string name;                        // gateway, jobs; primary, replica-1; ingest, stream
    std::string state;                       // running, stopped; serving, unreachable; streaming
    std::optional<Lsn> position = {};        // how far it has come in the primary's log
    std::optional<double> lag_seconds = {};  // nullopt: not measured, or unknown
    std::optional<double> rate = {};         // of what it works on, per second
    std::string rate_unit = {};              // data_points, answers, rows
    std::string detail = {};                 // why the state is what it is; empty: none
    // Of stages that follow the log: what they hold back of it, and the budget for their lag.
    std::optional<std::int64_t> retained_bytes = {};
    std::optional<Micros> target = {};
    std::optional<Micros> maximum = {};
};

struct StatusOptions {
    // Called at every request, on a worker thread; does not block.
    std::function<std::vector<StatusPart>()> roles;
    // The same, but each may block for a second.
    std::vector<std::function<StatusPart()>> sources;
    // What follows the log in this process, in the direction of the data; may be empty.
    std::function<std::vector<StatusPart>()> stages;
    // The status of the process with the analytics store, where that is another one: its stages
    // follow. May block for a second.
    Forward elsewhere = {};
    std::string psql = {};  // a shell command that opens psql on the database; empty: none
};

// What they refer to outlives the routes. `writes` is nullptr in a process that takes none; `reads`
// counts the reads served from the primary (ReadContext::served). The primary is measured through
// the pool and comes first.
std::vector<Route> status_routes(pg::Pool& pool, const ingest::WriteMeter* writes,
                                 const observe::RateMeter& reads, const Readiness& readiness,
                                 const Clock& clock, StatusOptions options);

}  // namespace atlas::http
