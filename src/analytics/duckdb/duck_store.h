// SPDX-License-Identifier: Apache-2.0
//
// The analytics store in DuckDB, embedded: one file, opened by one process.
//
//     Loader → Batch → [DuckStore] ─► file         upkeep, in the background: aggregate, settle
//                          └─ connect() ─► questions
//
// Points are in the store and visible to questions when apply() returns. A file that is damaged or
// of another version is set aside and replaced by an empty one, loudly. The state then has no
// position, and a loader that goes on as before gets `damaged` until it calls clear(): it has to
// copy the database again.
//
// Lifetime   longer than its connections are used. Options and clock outlive it.
// Errors     unavailable: the disk is full, another process has the file, or it has to be opened
//            again, which the next call tries; damaged: it could not be.
// Threading  any thread. Batches take turns; questions and upkeep do not wait for them, nor they
//            for those. start() and stop() from one thread.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <utility>

#include "analytics/duckdb/error.h"
#include "analytics/duckdb/store_file.h"
#include "analytics/duckdb/upkeep.h"
#include "analytics/duckdb/writer.h"
#include "analytics/store.h"
#include "base/clock.h"

namespace atlas::analytics::duckdb {

struct StoreOptions {
    std::filesystem::path path;  // of the file; empty: in memory
    DatabaseOptions database = {};
    // How long after its end an hour is aggregated, and a day settled: late points are cheap until
    // then.
    std::chrono::minutes hour_closes_after{10};
    std::chrono::minutes day_closes_after{60};
    // Fewer points of closed days wait for more: settling them would not help questions, and long
    // series take less room.
    std::int64_t min_settled_points = 1'000'000;
    // So many days that settle together lie where days and instants take less room, but prune less.
    std::int64_t min_sparse_days = 32;
    // An hour of a tenant with fewer points per entity and attribute is not aggregated: its points
    // are no larger.
    std::int64_t min_points_per_aggregate = 4;
    std::chrono::seconds upkeep_interval{30};
    // How long a batch waits for questions that still read a file that has to be opened again.
    std::chrono::milliseconds closing_patience{5000};
};

class DuckStore final : public AnalyticsStore {
public:
    // Opens or makes the store.
    static StoreExpected<std::unique_ptr<DuckStore>> open(const StoreOptions& options,
                                                          const Clock& clock);
    // As open(), but where that fails now each batch and each state() tries again, and questions
    // are refused until one of them succeeds.
    static std::unique_ptr<DuckStore> open_later(const StoreOptions& options, const Clock& clock);
    ~DuckStore() override;

    StoreExpected<StoreState> state() override;
    StoreExpected<void> apply(const Batch& batch) override;
    StoreExpected<void> clear() override;
    StoreExpected<void> read_points(const TimeRange& range,
                                    const std::function<bool(const Points&)>& use) override;
    StoreExpected<void> read_rows(stream::Table table, const KeyRange& range,
                                  const std::function<void(const DimensionRow&)>& use) override;

    // A connection for questions, on which a statement sees all batches applied before it began.
    StoreExpected<Connection> connect();
    // A question met an error: when it says that the file is damaged, the store is replaced with
    // the next batch.
    void suspect(const StoreError& error);

    // Removes the points of the days before that one.
    StoreExpected<void> forget_before(Day day);

    // One step of upkeep each; how many hours, how many points. 0: nothing to do.
    StoreExpected<std::size_t> aggregate_hours();
    StoreExpected<std::int64_t> settle_days();
    // Both, until there is nothing more to do.
    StoreExpected<void> compact();
    // Writes the log into the file, so that the next start need not read it.
    StoreExpected<void> checkpoint();

    // Starts and stops the thread that does upkeep at intervals. stop() ends a step that runs.
    void start();
    void stop();

    const std::filesystem::path& path() const { return options_.path; }
    // On disk: file and log.
    std::uint64_t storage_bytes() const { return duckdb::storage_bytes(options_.path); }

private:
    DuckStore(StoreOptions options, const Clock& clock)
        : options_(std::move(options)), clock_(clock) {}

    StoreExpected<void> open_file();
    StoreExpected<void> open_again();
    template <class Body>
    StoreExpected<void> write(bool alone, Body body);
    template <class Step>
    auto step(Step body) -> decltype(body(std::declval<Upkeep>()));
    void note(const StoreError& error);
    StoreError explain(StoreError error) const {
        return duckdb::explained(std::move(error), options_.path);
    }
    void keep_up(const std::stop_token& end);
    bool upkeep();

    const StoreOptions options_;
    const Clock& clock_;
    // Taken in this order.
    std::mutex writers_;     // one batch and what becomes of it
    std::mutex upkeep_;      // one step of upkeep, or what must not meet one
    std::mutex turn_;        // one transaction of the writer
    std::mutex file_mutex_;  // file_ and upkeeping_

    // A batch of which it is not known whether it is in the file, which cannot be opened; under
    // writers_.
    struct Unknown {
        std::int64_t number = 0;
        std::optional<stream::Position> until;
    };
    std::optional<Unknown> unknown_;
    std::weak_ptr<const void> closing_;  // a file that is opened again once it is gone; under turn_
    std::optional<StoreFile> file_;
    Connection* upkeeping_ = nullptr;
    std::optional<Writer> writer_;
    std::atomic<bool> broken_{false};    // the file has to be opened again
    std::atomic<bool> damaged_{false};   // and set aside before
    std::atomic<bool> replaced_{false};  // while a loader was at work
    std::atomic<bool> opened_{false};    // at least once
    std::atomic<bool> said_{false};      // that it is opened again, since a batch was applied
    bool upkeep_failed_ = false;         // of the thread: said of the last step

    std::mutex sleep_mutex_;
    std::condition_variable_any sleep_;
    std::jthread thread_;
};

}  // namespace atlas::analytics::duckdb
