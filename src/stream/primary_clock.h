// SPDX-License-Identifier: Apache-2.0
//
// The primary's clock and the end of its log, asked together twice a second: what every age is
// reckoned by, so that a wrong clock of this machine changes none.
//
//     pg_current_wal_flush_lsn(), clock_timestamp() → [PrimaryClock] → lag of the stream, router
//
//     const auto reading = primary_clock.latest();   // nullopt: unknown, not measured in time
//     if (reading && applied < reading->flushed) lag = *primary_clock.now() - …;
//
// Lifetime   start() once, stop() once; the destructor stops. The clock outlives it.
// Threading  a thread of its own with a session of its own; everything else from any thread, and
//            without blocking.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "base/clock.h"
#include "base/lsn.h"
#include "pg/connection.h"

namespace atlas::stream {

class PrimaryClock {
public:
    struct Reading {
        Time at{};            // by the primary's clock
        Lsn flushed;          // the end of its log on disk
        Clock::Steady taken;  // when the response was here, by our steady clock
    };

    static constexpr std::chrono::milliseconds kInterval{500};
    // A reading that is older is no measurement any more.
    static constexpr std::chrono::milliseconds kFresh{1000};

    PrimaryClock(std::string conninfo, const Clock& clock);
    PrimaryClock(const PrimaryClock&) = delete;
    PrimaryClock& operator=(const PrimaryClock&) = delete;
    ~PrimaryClock();

    void start();
    void stop();

    // The last reading, unless it is older than kFresh.
    std::optional<Reading> latest() const;
    // The primary's clock at this moment, by the last reading; nullopt as latest().
    std::optional<Time> now() const;
    // Since when the log has been longer than `lsn`: not too late by more than an interval; after a
    // stall of minutes it may be too early. nullopt: it is not longer, or no reading from before
    // that is known.
    std::optional<Time> longer_since(Lsn lsn) const;

    // Enters a reading, as the thread does.
    void enter(Time at, Lsn flushed);

private:
    // Some minutes of a busy log in full; older ones are thinned.
    static constexpr std::size_t kMaxSeen = 1024;

    // One end of the log, and when it was seen first and last.
    struct Seen {
        Lsn flushed;
        Time first{};
        Time last{};
    };
    void watch();
    void ask();

    const std::string conninfo_;
    const Clock& clock_;
    std::optional<pg::Connection> session_;  // of the thread
    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<Seen> seen_;  // the oldest first
    std::optional<Reading> latest_;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace atlas::stream
