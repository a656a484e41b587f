// SPDX-License-Identifier: Apache-2.0
#include "bench/bench.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <stdexcept>
#include <thread>

#include "base/json_writer.h"

namespace atlas::bench {
namespace {

std::string processor() {
    std::ifstream info("/proc/cpuinfo");
    for (std::string line; std::getline(info, line);) {
        if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
    }
    return "unknown processor";
}

long memory_gib() {
    std::ifstream info("/proc/meminfo");
    std::string word;
    long kib = 0;
    info >> word >> kib;
    return (kib + (1 << 19)) >> 20;
}

void add_number(JsonWriter& json, std::string_view name, const std::optional<double>& number) {
    if (number) json.key(name).raw(fmt::format("{:.4g}", *number));
}

// Large figures as whole numbers, small ones with the digits that matter.
std::string digits(double value) {
    return std::abs(value) >= 1000 ? fmt::format("{:.0f}", value) : fmt::format("{:.4g}", value);
}

}  // namespace

std::int64_t Settings::scaled(std::int64_t full, std::int64_t least) const {
    return std::max(least, static_cast<std::int64_t>(static_cast<double>(full) * scale));
}

std::string hardware() {
    static const std::string text = fmt::format(
        "{} cores, {}, {} GiB", std::thread::hardware_concurrency(), processor(), memory_gib());
    return text;
}

Report::Report(std::string bench) : bench_(std::move(bench)) {
    fmt::print("== {} ({})\n", bench_, hardware());
}

void Report::note(std::string_view text) const {
    fmt::print("   {}\n", text);
    std::fflush(stdout);
}

void Report::metric(const Metric& metric) const {
    std::string line;
    JsonWriter json(line);
    json.begin_object().key("bench").value(bench_).key("metric").value(metric.name);
    json.key("value").raw(digits(metric.value));
    if (metric.goal) json.key("goal").raw(digits(*metric.goal));
    if (metric.yardstick) json.key("yardstick").raw(digits(*metric.yardstick));
    add_number(json, "ratio", metric.ratio);
    json.key("hardware").value(hardware()).end_object();
    fmt::print("{}\n", line);
    std::fflush(stdout);
}

void Report::wrong(std::string_view why) {
    correct_ = false;
    fmt::print("   WRONG RESULT: {}\n", why);
}

void await_that(std::string_view what, double seconds, std::chrono::milliseconds interval,
                const std::function<bool()>& done) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
    while (!done()) {
        if (std::chrono::steady_clock::now() > until) {
            throw std::runtime_error(fmt::format("not within {} s: {}", seconds, what));
        }
        std::this_thread::sleep_for(interval);
    }
}

double seconds_since(std::chrono::steady_clock::time_point begin) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

double milliseconds_since(std::chrono::steady_clock::time_point begin) {
    return 1000 * seconds_since(begin);
}

double percentile(std::vector<double>& samples, double quantile) {
    if (samples.empty()) return 0;
    std::ranges::sort(samples);
    const auto last = static_cast<double>(samples.size() - 1);
    return samples[static_cast<std::size_t>(std::lround(last * quantile))];
}

}  // namespace atlas::bench
