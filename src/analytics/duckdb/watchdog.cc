// SPDX-License-Identifier: Apache-2.0
#include "analytics/duckdb/watchdog.h"

#include <algorithm>
#include <utility>

#include "observe/process.h"

namespace atlas::analytics::duckdb {

namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds kRepeat{20};
// Between two looks at the memory of the process: it fills some 50 MB meanwhile.
constexpr std::chrono::milliseconds kLook{10};

}  // namespace

Watchdog::Place Watchdog::add(Entry entry) {
    const std::scoped_lock lock(mutex_);
    if (!thread_.joinable()) {
        thread_ = std::jthread([this](const std::stop_token& end) { run(end); });
    }
    entries_.push_front(std::move(entry));
    woken_ = true;
    changed_.notify_all();
    return entries_.begin();
}

void Watchdog::remove(Place place) {
    const std::scoped_lock lock(mutex_);
    entries_.erase(place);
}

void Watchdog::wake() {
    const std::scoped_lock lock(mutex_);
    woken_ = true;
    changed_.notify_all();
}

// Interrupts under the lock, so that a watch that has ended is never interrupted afterwards.
void Watchdog::run(const std::stop_token& end) {
    std::unique_lock lock(mutex_);
    while (!end.stop_requested()) {
        std::optional<Clock::time_point> next;
        const Clock::time_point now = Clock::now();
        const auto at = [&next](Clock::time_point time) {
            next = next ? std::min(*next, time) : time;
        };
        const bool look = std::ranges::any_of(
            entries_, [](const Entry& entry) { return entry.most_resident.has_value(); });
        const std::uint64_t resident = look ? observe::resident_bytes() : 0;
        if (look) at(now + kLook);
        for (Entry& entry : entries_) {
            const bool late = entry.deadline && *entry.deadline <= now;
            const bool large = entry.most_resident && *entry.most_resident < resident;
            if (large) entry.exceed(StoreError::Kind::limit_memory);
            if (late) entry.exceed(StoreError::Kind::limit_time);
            if (entry.ends()) {
                entry.interrupt();
                at(now + kRepeat);
            } else if (entry.deadline) {
                at(*entry.deadline);
            }
        }
        const auto woken = [this] { return std::exchange(woken_, false); };
        if (next) {
            changed_.wait_until(lock, end, *next, woken);
        } else {
            changed_.wait(lock, end, woken);
        }
    }
}

Watch::Watch(Watchdog& dog, const Limits& limits, std::function<void()> interrupt)
    : dog_(dog),
      place_(dog.add(
          {.deadline = limits.time ? std::optional(Clock::now() + *limits.time) : std::nullopt,
           .stop = limits.stop,
           .most_resident = limits.growth
                                ? std::optional(observe::resident_bytes() + *limits.growth)
                                : std::nullopt,
           .interrupt = std::move(interrupt),
           .reason = &reason_})) {
    if (limits.stop.stop_possible()) callback_.emplace(limits.stop, [&dog] { dog.wake(); });
}

Watch::~Watch() {
    callback_.reset();
    dog_.remove(place_);
}

StoreError Watch::explain(StoreError error) const {
    if (error.kind == StoreError::Kind::cancelled) error.kind = reason_;
    return error;
}

}  // namespace atlas::analytics::duckdb
