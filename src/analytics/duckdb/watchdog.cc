// SPDX-License-Identifier: Apache-2.0
#include "analytics/duckdb/watchdog.h"

#include <utility>

namespace atlas::analytics::duckdb {

namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds kRepeat{20};

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
        for (Entry& entry : entries_) {
            const bool late = entry.deadline && *entry.deadline <= now;
            if (late || entry.stop.stop_requested()) {
                if (late) *entry.timed_out = true;
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

Watch::Watch(Watchdog& dog, std::optional<std::chrono::milliseconds> time, std::stop_token stop,
             std::function<void()> interrupt)
    : dog_(dog),
      place_(dog.add({.deadline = time ? std::optional(Clock::now() + *time) : std::nullopt,
                      .stop = stop,
                      .interrupt = std::move(interrupt),
                      .timed_out = &timed_out_})) {
    if (stop.stop_possible()) callback_.emplace(std::move(stop), [&dog] { dog.wake(); });
}

Watch::~Watch() {
    callback_.reset();
    dog_.remove(place_);
}

StoreError Watch::explain(StoreError error) const {
    if (error.kind == StoreError::Kind::cancelled && timed_out_) {
        error.kind = StoreError::Kind::limit_time;
    }
    return error;
}

}  // namespace atlas::analytics::duckdb
