// SPDX-License-Identifier: Apache-2.0
//
// Which of several gateways on one database runs its jobs: the one whose session holds an advisory
// lock. When that session ends, by whatever cause, somebody else takes over within a second or two.
//
// For a moment two may think they lead (the old one notices its loss at its next look): every job
// is written so that this does no harm.
//
// Lifetime   start() once, stop() once; the destructor stops.
// Threading  a thread of its own; leads() from any.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "base/clock.h"
#include "observe/metrics.h"
#include "pg/connection.h"

namespace atlas::jobs {

class Leadership {
public:
    Leadership(std::string conninfo, observe::Registry& registry, const Clock& clock);
    Leadership(const Leadership&) = delete;
    Leadership& operator=(const Leadership&) = delete;
    ~Leadership();

    void start();
    void stop();
    bool leads() const { return leads_.load(); }

private:
    void watch();
    bool look();

    const std::string conninfo_;
    const Clock& clock_;
    observe::Gauge gauge_;
    std::atomic<bool> leads_{false};
    std::optional<pg::Connection> session_;
    std::mutex mutex_;
    std::condition_variable wake_;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace atlas::jobs
