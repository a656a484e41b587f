// SPDX-License-Identifier: Apache-2.0
//
// The clock as a dependency of what waits or expires, so that a test needs no time to pass.
//
//     app: SystemClock → constructor → caches, jobs; tests: test::ManualClock
//
// Lifetime   outlives every object that was given it.
// Threading  any thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

#include "base/time.h"

namespace atlas {

class Clock {
public:
    using Steady = std::chrono::steady_clock::time_point;

    Clock() = default;
    Clock(const Clock&) = delete;
    Clock& operator=(const Clock&) = delete;
    virtual ~Clock() = default;

    // For ages and intervals: never goes back, and no one can set it.
    virtual Steady steady() const = 0;
    // For instants that others know: UTC, and may be set.
    virtual Time system() const = 0;

    // Blocks until `done` holds or `until` has come; the value of `done` then. `lock` holds the
    // mutex of what `done` reads, and `wake` is notified when that changes.
    template <class Done>
    bool wait_until(std::condition_variable& wake, std::unique_lock<std::mutex>& lock, Steady until,
                    Done done) const {
        while (!done()) {
            if (steady() >= until) return false;
            wait(wake, lock, until);
        }
        return true;
    }
    template <class Done>
    bool wait_for(std::condition_variable& wake, std::unique_lock<std::mutex>& lock,
                  std::chrono::steady_clock::duration patience, Done done) const {
        return wait_until(wake, lock, steady() + patience, std::move(done));
    }

private:
    // Returns when notified or when `until` has come, or earlier.
    virtual void wait(std::condition_variable& wake, std::unique_lock<std::mutex>& lock,
                      Steady until) const = 0;
};

class SystemClock final : public Clock {
public:
    Steady steady() const override { return std::chrono::steady_clock::now(); }
    Time system() const override { return now(); }

private:
    void wait(std::condition_variable& wake, std::unique_lock<std::mutex>& lock,
              Steady until) const override {
        wake.wait_until(lock, until);
    }
};

}  // namespace atlas
