// SPDX-License-Identifier: Apache-2.0
//
// Caches for half a minute which lists of entities were cheaper to search than to walk: when they
// are requested again, as dashboards do, they need no sample.
//
// Lifetime   the reader's; the clock outlives it. Bounded: when full, it drops every entry.
// Threading  any thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <mutex>
#include <unordered_map>

#include "base/clock.h"

namespace atlas::primary {

class SearchMemory {
public:
    explicit SearchMemory(const Clock& clock) : clock_(clock) {}

    // `question` is a hash: two lists that share one are treated alike, which costs time only.
    bool contains(std::size_t question) const;
    // It was searched in that time. A search of 50 ms or more is dropped: walking may have become
    // cheaper, so the next request takes a sample.
    void tell(std::size_t question, std::chrono::steady_clock::duration took);

private:
    static constexpr std::chrono::seconds kKept{30};
    static constexpr std::chrono::milliseconds kLong{50};
    static constexpr std::size_t kMost = 4096;

    const Clock& clock_;
    mutable std::mutex mutex_;
    std::unordered_map<std::size_t, Clock::Steady> known_;  // since when
};

}  // namespace atlas::primary
