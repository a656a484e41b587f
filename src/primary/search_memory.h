// SPDX-License-Identifier: Apache-2.0
//
// Which lists of entities were cheaper to search than to walk, for half a minute: asked again, as
// dashboards do, they need no sample.
//
// Lifetime   the process. Bounded: beyond it everything is forgotten.
// Threading  any thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <mutex>
#include <unordered_map>

namespace atlas::primary {

class SearchMemory {
public:
    using Clock = std::chrono::steady_clock;

    // Questions go by a hash of theirs: two that share one share their fate, which costs time only.
    bool contains(std::size_t question) const;
    // It was searched. What takes long may have become the longer way: that is forgotten, and the
    // next one takes a sample.
    void tell(std::size_t question, Clock::duration took);

private:
    static constexpr std::chrono::seconds kKept{30};
    static constexpr std::chrono::milliseconds kLong{50};
    static constexpr std::size_t kMost = 4096;

    mutable std::mutex mutex_;
    std::unordered_map<std::size_t, Clock::time_point> known_;  // since when
};

}  // namespace atlas::primary
