// SPDX-License-Identifier: Apache-2.0
//
// A clock that stops at the time of its construction and moves only when a test advances it.
//
// Threading  any thread.
#pragma once

#include <atomic>
#include <thread>

#include "base/clock.h"

namespace atlas::test {

class ManualClock final : public Clock {
public:
    void advance(std::chrono::steady_clock::duration time) { passed_ += time.count(); }

    Steady steady() const override { return steady_start_ + passed(); }
    Time system() const override { return system_start_ + std::chrono::floor<Micros>(passed()); }

    // Blocks until that many threads wait for this clock.
    void await_waiting(int threads) const {
        while (waiting_ < threads) std::this_thread::yield();
    }

private:
    // How soon a thread that waits notices an advance, in real time.
    static constexpr std::chrono::milliseconds kTick{1};

    std::chrono::steady_clock::duration passed() const {
        return std::chrono::steady_clock::duration{passed_.load()};
    }
    void wait(std::condition_variable& wake, std::unique_lock<std::mutex>& lock,
              Steady) const override {
        ++waiting_;
        wake.wait_for(lock, kTick);
        --waiting_;
    }

    const Steady steady_start_ = std::chrono::steady_clock::now();
    const Time system_start_ = now();
    std::atomic<std::chrono::steady_clock::rep> passed_{0};
    mutable std::atomic<int> waiting_{0};
};

}  // namespace atlas::test
