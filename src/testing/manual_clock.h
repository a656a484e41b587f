// SPDX-License-Identifier: Apache-2.0
//
// A clock that stops at the time of its construction and moves only when a test advances it.
//
// Threading  any thread.
#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <stdexcept>

#include "base/clock.h"
#include "testing/eventually.h"

namespace atlas::test {

class ManualClock final : public Clock {
public:
    void advance(std::chrono::steady_clock::duration time) { passed_ += time.count(); }

    Steady steady() const override { return steady_start_ + passed(); }
    Time system() const override { return system_start_ + std::chrono::floor<Micros>(passed()); }

    // Blocks until that many threads wait for this clock and have noticed the last advance: what it
    // ended has ended. Throws when that takes longer than kPatience.
    void await_waiting(int threads) const {
        const auto all_wait = [&] {
            const std::lock_guard lock(mutex_);
            const auto now = waiting_.find(passed());
            return now != waiting_.end() && now->second >= threads;
        };
        if (!eventually(all_wait)) {
            throw std::runtime_error("fewer threads wait for the clock than the test expects");
        }
    }

private:
    // How soon a thread that waits notices an advance, in real time.
    static constexpr std::chrono::milliseconds kTick{1};

    std::chrono::steady_clock::duration passed() const {
        return std::chrono::steady_clock::duration{passed_.load()};
    }
    void wait(std::condition_variable& wake, std::unique_lock<std::mutex>& lock,
              Steady until) const override {
        const auto since = passed();
        if (steady_start_ + since >= until) return;
        count(since, 1);
        wake.wait_for(lock, kTick);
        count(since, -1);
    }
    void count(std::chrono::steady_clock::duration since, int threads) const {
        const std::lock_guard lock(mutex_);
        waiting_[since] += threads;
    }

    const Steady steady_start_ = std::chrono::steady_clock::now();
    const Time system_start_ = now();
    std::atomic<std::chrono::steady_clock::rep> passed_{0};
    mutable std::mutex mutex_;
    mutable std::map<std::chrono::steady_clock::duration, int> waiting_;  // by the time they saw
};

}  // namespace atlas::test
