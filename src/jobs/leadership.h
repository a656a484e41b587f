// SPDX-License-Identifier: Apache-2.0
//
// Decides which of several processes on one database runs its jobs: the one whose session holds an
// advisory lock. When that session ends, for whatever reason, another process takes over within a
// second or two.
//
//     advisory lock ← [Leadership] → Runner
//
// For a moment two may believe that they lead, until the old leader checks its session: every job
// is written so that this does no harm.
//
// Lifetime   start() once, stop() once; the destructor stops. Registry and clock outlive it.
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
