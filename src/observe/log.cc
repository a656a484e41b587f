// SPDX-License-Identifier: Apache-2.0
#include "observe/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <limits>

namespace atlas::observe {
namespace {

spdlog::level::level_enum to_spdlog(Level level) {
    switch (level) {
        case Level::debug: return spdlog::level::debug;
        case Level::info: return spdlog::level::info;
        case Level::warning: return spdlog::level::warn;
        case Level::error: return spdlog::level::err;
        case Level::off: break;
    }
    return spdlog::level::off;
}

// The process has one stderr, hence one logger.
spdlog::logger& logger() {
    static spdlog::logger instance = [] {
        spdlog::logger made("atlas", std::make_shared<spdlog::sinks::stderr_sink_mt>());
        made.set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %-7l %v", spdlog::pattern_time_type::utc);
        made.flush_on(spdlog::level::debug);
        return made;
    }();
    return instance;
}

std::string printable(std::string_view message) {
    std::string out;
    out.reserve(message.size());
    for (const char c : message) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte == 0x7f) {
            fmt::format_to(std::back_inserter(out), "\\x{:02x}", byte);
        } else {
            out += c;
        }
    }
    return out;
}

}  // namespace

void set_log_level(Level level) {
    logger().set_level(to_spdlog(level));
}

bool log_enabled(Level level) {
    return logger().should_log(to_spdlog(level));
}

void log_line(Level level, std::string_view message) {
    logger().log(to_spdlog(level), "{}", printable(message));
}

Throttle::Verdict Throttle::ask(std::chrono::steady_clock::time_point at) {
    const std::int64_t now_ns =
        std::chrono::duration_cast<std::chrono::nanoseconds>(at.time_since_epoch()).count();
    std::int64_t next = next_ns_.load(std::memory_order_relaxed);
    const std::int64_t after =
        now_ns + std::chrono::duration_cast<std::chrono::nanoseconds>(interval_).count();
    if (now_ns < next || !next_ns_.compare_exchange_strong(next, after)) {
        held_back_.fetch_add(1, std::memory_order_relaxed);
        return {};
    }
    return {.pass = true, .held_back = held_back_.exchange(0, std::memory_order_relaxed)};
}

void Event::write(std::string message, std::uint64_t held_back) const {
    if (held_back > 0) message += fmt::format(" ({} similar events suppressed)", held_back);
    log_line(level_, message);
}

}  // namespace atlas::observe
