// SPDX-License-Identifier: Apache-2.0
//
// Proves that an analytics store holds what PostgreSQL holds, and repairs what it does not: at
// intervals yesterday and some older days, and all of a range when it is asked.
//
//     Comparison → Differences → [Reconciler] → Loader::repair()      check() ─► CheckReport
//
// Older days and the rows of entities take turns: the next run goes on where the last one ended,
// also after a tenth of the interval. While an initial copy fills the store, nothing is compared.
// After a promotion everything is, at once: see Loader.
//
// Lifetime   start() and stop() any number of times; the destructor stops. Store, loader and
//            registry outlive it. Where it was is not stored: a new process starts over.
// Threading  a thread and three sessions of its own; check() and report() from any.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "analytics/comparison.h"
#include "analytics/loader.h"
#include "analytics/store.h"
#include "base/clock.h"
#include "observe/log.h"
#include "observe/metrics.h"

namespace atlas::analytics {

struct ReconcilerOptions {
    std::chrono::milliseconds interval{3'600'000};
    std::int64_t older_days = 1;       // of each run, besides yesterday
    std::int64_t small_rows = 20'000;  // of entities and of their states, per run
    ComparisonOptions comparison = {};
};

// A comparison that a caller asks for.
struct Check {
    std::optional<TimeRange> range = {};  // nullopt: all history, and all small tables
    bool repair = true;
};

struct CheckReport {
    enum class State : std::uint8_t { none, running, done, failed };
    State state = State::none;
    Check check = {};
    Time began{};
    Time ended{};
    std::uint64_t days = 0;  // to compare
    std::uint64_t days_done = 0;
    std::uint64_t points = 0;  // compared
    std::uint64_t rows = 0;    // of small tables, compared
    Differences differing_points = {};
    Differences differing_rows = {};
    std::uint64_t repaired = 0;   // of those that differed
    std::uint64_t undecided = 0;  // changed too often to tell
    std::string failure = {};
};

std::string_view to_string(CheckReport::State state);  // "running"

class Reconciler {
public:
    Reconciler(std::string conninfo, AnalyticsStore& store, Loader& loader,
               observe::Registry& registry, const Clock& clock, ReconcilerOptions options = {});
    Reconciler(const Reconciler&) = delete;
    Reconciler& operator=(const Reconciler&) = delete;
    ~Reconciler();

    void start();
    void stop();

    // Begins one soon. False while one runs that was asked for.
    bool check(const Check& check);
    // Of the last one that was asked for.
    CheckReport report() const;
    // What runs found since the start, also those of the interval.
    Differences found() const;

private:
    void run(const std::stop_token& stop);
    CheckReport run_check(const Check& check, const std::stop_token& stop);
    void compare_all(const std::stop_token& stop);
    stream::Expected<void> clear_other_days(const std::vector<TimeRange>& days, CheckReport& report,
                                            const std::stop_token& stop);
    stream::Expected<void> plan_interval();
    void run_interval(const std::stop_token& stop);
    stream::Expected<void> compare_day(const TimeRange& day, bool repair, CheckReport& report,
                                       const std::stop_token& stop);
    stream::Expected<void> compare_tables(std::optional<std::int64_t> limit, bool repair,
                                          CheckReport& report, const std::stop_token& stop);
    stream::Expected<void> compare_table(stream::Table table, std::optional<KeyRange::Key>& after,
                                         std::optional<std::int64_t> limit, bool repair,
                                         CheckReport& report, const std::stop_token& stop);
    stream::Expected<void> repair(Repair what, std::uint64_t count, CheckReport& report,
                                  const std::stop_token& stop);
    void publish(const CheckReport& report);

    Loader& loader_;
    const Clock& clock_;
    const ReconcilerOptions options_;
    Comparison comparison_;
    observe::Counter compared_points_;
    observe::Counter compared_rows_;
    observe::Counter diverged_points_;
    observe::Counter diverged_rows_;
    observe::Counter repaired_;
    observe::Event failures_;
    // Of the thread: where the next run of the interval goes on.
    std::deque<TimeRange> planned_;  // hours
    std::int64_t older_before_ = 0;
    std::optional<KeyRange::Key> entities_after_;
    std::optional<KeyRange::Key> states_after_;
    bool comparing_all_ = false;  // after a promotion: tried again until it ends

    mutable std::mutex mutex_;
    std::condition_variable_any wake_;
    std::optional<Check> wanted_;
    CheckReport report_;
    bool asked_ = false;  // report_ is of the run in hand
    Differences found_;
    std::jthread thread_;
};

}  // namespace atlas::analytics
