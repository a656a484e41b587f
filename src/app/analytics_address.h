// SPDX-License-Identifier: Apache-2.0
//
// Where the process with the analytics store is: as analytics.url says, else as that process says
// in the database.
//
//     configuration, stream_slots → [AnalyticsAddress] → Forwarder, /v1/status
//
// Lifetime   the pool and the clock outlive it.
// Threading  any thread; find() blocks on the database once in kKnown at most, unless `again`.
#pragma once

#include <chrono>
#include <mutex>
#include <optional>
#include <string>

#include "base/clock.h"
#include "http/routes/ops/status.h"
#include "pg/pool.h"

namespace atlas::app {

class AnalyticsAddress {
public:
    // How long an address is taken for known.
    static constexpr std::chrono::seconds kKnown{1};

    // `url` is that of the configuration; empty: the database is asked.
    AnalyticsAddress(std::string url, pg::Pool& pool, const Clock& clock);

    // nullopt: no process says so, or the database does not respond. `again`: asks now.
    std::optional<std::string> find(bool again);
    // As a source of /v1/status; may be as old as the last find() that asked, or asks.
    http::StatusPart status();

private:
    const std::string url_;
    pg::Pool& pool_;
    const Clock& clock_;
    std::mutex mutex_;  // also of the one who asks: the others wait for what that finds
    std::optional<std::string> found_;
    std::optional<Clock::Steady> asked_;
};

}  // namespace atlas::app
