// SPDX-License-Identifier: Apache-2.0
#include "observe/rate.h"

namespace atlas::observe {
namespace {

std::int64_t second_of(RateMeter::Clock::time_point at) {
    return std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count();
}

}  // namespace

void RateMeter::add(std::uint64_t count, Clock::time_point at) {
    const std::int64_t second = second_of(at);
    Slot& slot = slots_[static_cast<std::size_t>(second) % kSlots];
    std::int64_t held = slot.second.load(std::memory_order_relaxed);
    if (held != second && slot.second.compare_exchange_strong(held, second)) {
        slot.count.store(0, std::memory_order_relaxed);
    }
    slot.count.fetch_add(count, std::memory_order_relaxed);
}

double RateMeter::per_second(Clock::time_point at) const {
    const std::int64_t current = second_of(at);
    std::uint64_t total = 0;
    for (const Slot& slot : slots_) {
        const std::int64_t second = slot.second.load(std::memory_order_relaxed);
        if (second < current && second >= current - kWindow) {
            total += slot.count.load(std::memory_order_relaxed);
        }
    }
    return static_cast<double>(total) / static_cast<double>(kWindow);
}

}  // namespace atlas::observe
