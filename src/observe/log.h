// SPDX-License-Identifier: Apache-2.0
//
// What an operator reads: lines on stderr, UTC, one event a line. Never pass it a token, a password
// or a connection string.
//
//     part → log_info(…), Event → [log_line] → stderr
//
// Lifetime   the process; an Event lives within its registry's lifetime.
// Threading  any thread. Writing a line may block on stderr, so nothing logs per row.
#pragma once

#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "observe/metrics.h"

namespace atlas::observe {

enum class Level : std::uint8_t { debug, info, warning, error, off };

// Lines below `level` are dropped; `info` until set.
void set_log_level(Level level);
bool log_enabled(Level level);
// One line; line breaks and control characters in `message` are shown as \x….
void log_line(Level level, std::string_view message);

template <class... Args>
void log_at(Level level, fmt::format_string<Args...> format, Args&&... args) {
    if (log_enabled(level)) log_line(level, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void log_info(fmt::format_string<Args...> format, Args&&... args) {
    log_at(Level::info, format, std::forward<Args>(args)...);
}
template <class... Args>
void log_warning(fmt::format_string<Args...> format, Args&&... args) {
    log_at(Level::warning, format, std::forward<Args>(args)...);
}
template <class... Args>
void log_error(fmt::format_string<Args...> format, Args&&... args) {
    log_at(Level::error, format, std::forward<Args>(args)...);
}

// Lets the first of many equal events through, then one per interval, and says how many it held
// back in between. Any thread; two atomic operations.
class Throttle {
public:
    explicit Throttle(std::chrono::milliseconds interval) : interval_(interval) {}

    struct Verdict {
        bool pass = false;
        std::uint64_t held_back = 0;  // since the last one that passed
    };
    Verdict ask(std::chrono::steady_clock::time_point at = std::chrono::steady_clock::now());

private:
    const std::chrono::milliseconds interval_;
    std::atomic<std::int64_t> next_ns_{INT64_MIN};
    std::atomic<std::uint64_t> held_back_{0};
};

// Something worth counting and worth a line: each report raises the counter, and at most one line
// per interval is written.
//
//     Event lost_connection_(registry, "atlas_pg_connections_lost_total", "…", Level::warning);
//     lost_connection_.report("the server closed the connection: {}", error.message);
class Event {
public:
    // At most one line per `interval`; `labels` are the counter's.
    Event(Registry& registry, std::string counter_name, std::string_view help, Level level,
          std::chrono::milliseconds interval = std::chrono::seconds{10}, const Labels& labels = {})
        : counter_(registry, std::move(counter_name), help, labels),
          level_(level),
          throttle_(interval) {}

    template <class... Args>
    void report(fmt::format_string<Args...> format, Args&&... args) {
        counter_.add();
        if (!log_enabled(level_)) return;
        const auto verdict = throttle_.ask();
        if (verdict.pass)
            write(fmt::format(format, std::forward<Args>(args)...), verdict.held_back);
    }
    std::uint64_t count() const { return counter_.value(); }

private:
    void write(std::string message, std::uint64_t held_back) const;

    Counter counter_;
    const Level level_;
    Throttle throttle_;
};

}  // namespace atlas::observe
