// SPDX-License-Identifier: Apache-2.0
//
// Interrupts statements that have run for too long, during which the process has grown by too much,
// or whose caller has gone.
//
//     Statement::execute(limits) → [Watch] ◄── Watchdog's thread → duckdb_interrupt()
//
// An interrupt that comes between two statements is lost, so it is repeated until the watch ends.
//
// Lifetime   a watch keeps its connection's handle; the watchdog outlives its watches.
// Threading  any thread.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <utility>

#include "analytics/duckdb/connection.h"
#include "analytics/store.h"

namespace atlas::analytics::duckdb {

class Watchdog {
public:
    Watchdog() = default;
    Watchdog(const Watchdog&) = delete;
    Watchdog& operator=(const Watchdog&) = delete;

private:
    friend class Watch;
    struct Entry {
        std::optional<std::chrono::steady_clock::time_point> deadline;
        std::stop_token stop;
        std::optional<std::uint64_t> most_resident = {};  // bytes of the process
        std::function<void()> interrupt;
        std::atomic<StoreError::Kind>* reason = nullptr;
        bool exceeded = false;

        void exceed(StoreError::Kind why) {
            if (!std::exchange(exceeded, true)) *reason = why;
        }
        bool ends() const { return exceeded || stop.stop_requested(); }
    };
    using Place = std::list<Entry>::iterator;

    Place add(Entry entry);
    void remove(Place place);
    void wake();
    void run(const std::stop_token& end);

    std::mutex mutex_;
    std::condition_variable_any changed_;
    std::list<Entry> entries_;
    bool woken_ = false;
    std::jthread thread_;  // begins with the first watch
};

class Watch {
public:
    Watch(Watchdog& dog, const Limits& limits, std::function<void()> interrupt);
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;
    ~Watch();

    // What an interrupted statement reports: why it was.
    StoreError explain(StoreError error) const;

private:
    Watchdog& dog_;
    std::atomic<StoreError::Kind> reason_{StoreError::Kind::cancelled};
    Watchdog::Place place_;
    std::optional<std::stop_callback<std::function<void()>>> callback_;
};

}  // namespace atlas::analytics::duckdb
