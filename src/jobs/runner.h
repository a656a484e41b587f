// SPDX-License-Identifier: Apache-2.0
//
// Runs background jobs, each on a thread and a session of its own, so that a slow one delays no
// other.
//
//     Leadership → [Runner] → Job → PostgreSQL
//
// A job that failed is tried again after its interval, at the latest after a second. Sessions of
// jobs that rest for more than 30 s are closed meanwhile.
//
// Lifetime   start() once; stop() cancels the statements that run and joins; the destructor stops.
//            Registry and clock outlive it.
// Threading  start() and stop() from one thread; leads() from any.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "jobs/job.h"
#include "jobs/leadership.h"
#include "observe/log.h"
#include "observe/metrics.h"

namespace atlas::jobs {

class Runner {
public:
    Runner(std::string conninfo, std::vector<Job> jobs, observe::Registry& registry,
           const Clock& clock);
    Runner(const Runner&) = delete;
    Runner& operator=(const Runner&) = delete;
    ~Runner();

    void start();
    void stop();
    bool leads() const { return leadership_.leads(); }

private:
    struct Worker;

    void loop(Worker& worker);
    void run_once(Worker& worker);
    bool wait_until(Clock::Steady until);
    void close(Worker& worker);

    const std::string conninfo_;
    const Clock& clock_;
    Leadership leadership_;
    std::vector<std::unique_ptr<Worker>> workers_;
    std::mutex mutex_;
    std::condition_variable wake_;
    bool stopping_ = false;
};

}  // namespace atlas::jobs
