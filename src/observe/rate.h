// SPDX-License-Identifier: Apache-2.0
//
// How many a second, over the last few whole seconds: the rates that the status shows.
//
// Lifetime   that of the part which counts; no registry.
// Threading  any thread; add() is a few relaxed atomic operations. A count that meets the turn of a
// second may land in the neighbouring one.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>

namespace atlas::observe {

class RateMeter {
public:
    using Clock = std::chrono::steady_clock;

    void add(std::uint64_t count, Clock::time_point at = Clock::now());
    // The mean over the last kWindow whole seconds, zero when nothing came.
    double per_second(Clock::time_point at = Clock::now()) const;

    static constexpr std::int64_t kWindow = 5;

private:
    static constexpr std::size_t kSlots = 8;
    struct Slot {
        std::atomic<std::int64_t> second{-1};
        std::atomic<std::uint64_t> count{0};
    };
    std::array<Slot, kSlots> slots_;
};

}  // namespace atlas::observe
