// SPDX-License-Identifier: Apache-2.0
//
// What a benchmark is: a name, a run against a real Atlas of its own, a checked result and its
// figures. Each JSON line, for machines, follows its line for people.
//
//     main → [Benchmark].run(settings, report) → lines for people, JSON lines for machines
//
// Lifetime   a report is one run's.
// Threading  wrong() and correct() from any thread; all else from the benchmark's.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace atlas::bench {

struct Settings {
    double seconds = 0;    // 0: the benchmark's own length
    double scale = 1.0;    // of entities and rows; 1 is the size that goals are stated for
    std::string program;   // path of `atlas`
    std::string data_dir;  // where clusters are made
    std::string recorded;  // folder of recorded telemetry; empty: there is none

    double seconds_or(double usual) const { return seconds > 0 ? seconds : usual; }
    // At least `least` of anything, however small the scale.
    std::int64_t scaled(std::int64_t full, std::int64_t least) const;
};

struct Metric {
    std::string name;
    double value = 0;
    std::optional<double> goal;
    std::optional<double> yardstick;  // measured in the same run
    std::optional<double> ratio;      // value against yardstick
};

class Report {
public:
    explicit Report(std::string bench);
    // A line for people.
    void note(std::string_view text) const;
    void metric(const Metric& metric) const;
    // The result of the run is wrong: prints why, and the exit status will be 1.
    void wrong(std::string_view why);
    bool correct() const { return correct_; }

private:
    std::string bench_;
    std::atomic<bool> correct_ = true;  // threads of a benchmark may find it wrong
};

struct Benchmark {
    std::string name;
    std::string what;
    std::function<void(const Settings&, Report&)> run;
    bool by_name_only = false;  // needs a peer that set-up does not install
};

// In the order in which `--list` shows them; assembled in main.cc.
std::vector<Benchmark> ingest_benchmarks();
std::vector<Benchmark> read_benchmarks();
std::vector<Benchmark> stream_benchmarks();
std::vector<Benchmark> live_benchmarks();
std::vector<Benchmark> analytics_benchmarks();

// Blocks until `done` holds, asking at intervals: for what other processes do, and threads that
// tell nobody. Throws std::runtime_error with `what` when it does not hold in time.
void await_that(std::string_view what, double seconds, std::chrono::milliseconds interval,
                const std::function<bool()>& done);
double seconds_since(std::chrono::steady_clock::time_point begin);
double milliseconds_since(std::chrono::steady_clock::time_point begin);
// Median and percentiles of samples; sorts them.
double percentile(std::vector<double>& samples, double quantile);
// One line: cores, processor, memory.
std::string hardware();

}  // namespace atlas::bench
