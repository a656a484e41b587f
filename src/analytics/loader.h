// SPDX-License-Identifier: Apache-2.0
//
// Follows the log into an analytics store.
//
//     StreamReader → [Loader] → LoaderBatch → AnalyticsStore
//                       ▲
//                InitialCopyPlan: which changes an initial copy holds already
//
// Changes are collected into a batch while a thread of the loader applies the one before. A batch
// is closed when it is full, or old enough and the store is idle, so that under load batches grow,
// and else data can be queried within a second. Memory is bounded by two full batches.
//
// Position and rows are one transaction of the store. A transaction of the log that is larger than
// a batch is applied in parts, and each part says how many changes of it are in the store. The log
// brings the same changes in the same order after a crash, so those are left out then.
//
// A store that is new is filled by an initial copy, which resume() begins.
//
// After a promotion the log may not lead from what the store holds to the new primary's: commits
// were lost with the old one, or the slot was, and a new one begins later. Then the store is placed
// where the log begins and compared with the database, by a Reconciler; until that has ended every
// observation takes the place of one of its key.
//
// repair() reads rows again that are not in the store as the database has them. They may be newer
// than where the log is in the store: until it is past them, an observation that it brings takes
// the place of one of its key.
//
// Lifetime   open() before the reader starts; interrupt() before it stops, stop() after it; the
//            destructor stops.
//            Store, source, plan, copy and registry outlive it.
// Threading  as Subscriber; status() from any thread.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "analytics/initial_copy.h"
#include "analytics/initial_copy_plan.h"
#include "analytics/loader_batch.h"
#include "analytics/loader_dimensions.h"
#include "analytics/loader_points.h"
#include "analytics/loader_shapes.h"
#include "analytics/loader_source.h"
#include "analytics/store.h"
#include "base/clock.h"
#include "observe/log.h"
#include "observe/metrics.h"
#include "observe/rate.h"
#include "stream/subscriber.h"

namespace atlas::analytics {

struct LoaderOptions {
    // A batch is applied when it is that old and the store is idle, or when it is full.
    std::chrono::milliseconds interval{250};
    // A position without changes is stored that often.
    std::chrono::milliseconds position_interval{5000};
    std::size_t max_points = LoaderBatch::kMaxPoints;  // of a batch
    // By how much the threads that read and apply give way to others of the machine: who writes
    // comes first, and the log waits.
    int niceness = 10;
    // Called when the store has to start over; asks StreamReader::rebuild() for it. Any thread.
    std::function<void()> request_rebuild = {};
};

// What is not in the store as the database has it.
struct Repair {
    std::vector<TimeRange> ranges = {};   // of observations; together not more than a batch holds
    std::vector<DimensionKey> rows = {};  // of small tables
    bool ends_comparison = false;         // with it all is as the database has it
};

class Loader final : public stream::Subscriber {
public:
    static constexpr std::string_view kName = "analytics";
    // The note that names until where inserts replace, of repairs: "1 0/16B3748".
    static constexpr std::string_view kReplaceNote = "replace";
    // The note of a store that is compared with the database, after a promotion: "unplaced" until
    // its place in the log is known, then "running".
    static constexpr std::string_view kCompareNote = "compare";

    Loader(AnalyticsStore& store, LoaderSource& source, InitialCopyPlan& plan, InitialCopy& copy,
           observe::Registry& registry, const Clock& clock, LoaderOptions options = {});
    ~Loader() override;

    // Reads how far the store is and starts the thread that applies. Fails as the store does, with
    // `damaged` also when the store's notes are; where it is `unavailable`, ready() tries again.
    StoreExpected<void> open();
    // Ends waiting for the copy, so that the reader can stop.
    void interrupt() { plan_.stop(); }
    // Ends the copy; what is not applied by then comes again.
    void stop();

    std::string_view name() const override { return kName; }
    // While a copy runs, earlier than applied(): see InitialCopyPlan::safe().
    std::optional<stream::Checkpoint> checkpoint() const override;
    std::optional<stream::Checkpoint> applied() const override;

    stream::Expected<void> ready() override;
    stream::Expected<void> resume(const stream::Session& session) override;
    stream::Expected<void> begin(const stream::Transaction& transaction) override;
    stream::Expected<void> change(const stream::Change& change) override;
    stream::Expected<void> commit(const stream::Transaction& transaction) override;
    stream::Expected<void> advance(stream::Position position) override;
    stream::Expected<void> rest() override;
    stream::Expected<void> start_over() override;
    stream::Expected<void> carry_over() override;

    // Brings them to what the database has, in one batch. Blocks for as long as transactions run
    // that write and began before; fails after `patience`. One call at a time, from any thread but
    // the reader's.
    stream::Expected<void> repair(Repair what, std::chrono::milliseconds patience);

    // Whether the store holds the whole database, as of its position.
    bool filled() const { return plan_.complete() && !comparing_; }
    // Whether that takes nothing but a comparison of everything, with repairs: repair() ends it.
    bool wants_comparison() const {
        const std::scoped_lock lock(mutex_);
        return plan_.complete() && comparing_ && stored_until_;
    }
    // Whether the log went on over a promotion, since the last call: to be safe, a comparison is
    // called for.
    bool take_promotion() { return promoted_.exchange(false); }

    struct Status {
        double points_per_second = 0;
        InitialCopyPlan::Progress copy = {};  // of the initial copy; zero parts: there is none
        bool comparing = false;               // see wants_comparison()
        std::string failure = {};             // why the store takes nothing; empty: it does
        bool rebuild = false;  // the store has to start over, by StreamReader::rebuild()
    };
    Status status() const;

private:
    // What of a transaction larger than a batch is in the store.
    struct Part {
        stream::Position commit;
        std::uint64_t changes = 0;
    };

    StoreExpected<void> read_state();
    void note_failure(const StoreError& error);
    void note_success();
    stream::Expected<void> begin_copy(const stream::Session& session);
    stream::Expected<void> place(const stream::Session& session);
    stream::Expected<void> store_alone(const Batch& batch);
    void follow_timeline(std::int64_t timeline);
    void note_reach();
    stream::Expected<bool> admit(stream::Table table, std::int64_t observed_at);
    stream::Expected<void> observation(const stream::Change& change);
    stream::Expected<void> add_observation(const stream::Change& change);
    stream::Expected<void> small_row(const stream::Change& change);
    stream::Expected<void> write_small(const DimensionKey& key, const stream::Change& change);
    stream::Expected<void> truncate(stream::Table table);
    stream::Expected<void> learn_shape(const stream::Change& change);
    stream::Expected<void> fetch_missing();
    stream::Expected<void> close_if_due();
    stream::Expected<void> close();
    stream::Expected<void> check_failure();
    void note_idle();
    stream::Error of_store(const StoreError& error);
    stream::Error fail(stream::Error::Remedy remedy, std::string message);
    stream::Expected<void> damaged(const stream::Change& change);
    std::vector<Note> notes_of_part();
    void serve_repair();
    bool shows_delivered(stream::CopySnapshot snapshot);
    stream::Expected<LoaderBatch> read_repair(const Repair& what);
    stream::Expected<void> add_repaired(const stream::Relation& relation,
                                        std::span<const stream::Cell> row, LoaderBatch& batch);
    void end_repair(stream::Expected<void> outcome);
    bool failing() const;
    bool store_idle() const;
    void await_store();
    void discard();
    void apply_batches();
    void apply(LoaderBatch& batch);

    AnalyticsStore& store_;
    LoaderSource& source_;
    InitialCopyPlan& plan_;
    InitialCopy& copy_;
    const Clock& clock_;
    const LoaderOptions options_;
    observe::Counter points_;
    observe::Counter batches_;
    observe::Histogram apply_seconds_;
    observe::Counter failures_;
    observe::RateMeter point_rate_;

    // Of the reader's thread.
    LoaderShapes shapes_;
    LoaderPoints rows_{shapes_};
    LoaderDimensions small_;
    LoaderBatch filling_{options_.max_points};
    std::vector<DimensionKey> missing_;  // rows of small tables that are not complete
    stream::Transaction transaction_;
    std::uint64_t changes_ = 0;         // of the transaction, so far
    std::uint64_t changes_stored_ = 0;  // its first ones that the store holds
    bool in_transaction_ = false;
    bool stored_ = false;       // the store has all of the transaction
    std::optional<Part> part_;  // in the store
    stream::Position seen_;     // everything before it is in the store or in filling_
    Time seen_committed_at_{};
    stream::Position closed_;  // until where the last batch that was closed went
    Clock::Steady filling_since_{};
    Clock::Steady position_due_{};
    // Of a repair: what ran when it was asked for, and what the log brought since.
    std::optional<stream::CopySnapshot> running_;
    std::vector<std::uint32_t> delivered_;
    Clock::Steady repair_due_{};
    // Observations that earlier transactions insert may be in the store already.
    stream::Position replace_until_;

    // Shared with the thread that applies.
    mutable std::mutex mutex_;
    std::condition_variable wake_;
    LoaderBatch applying_{options_.max_points};
    bool busy_ = false;  // applying_ is the other thread's
    bool stopping_ = false;
    bool known_ = false;  // what the store holds, by read_state()
    std::optional<StoreError> failure_;
    std::string last_failure_;  // empty: the store took the last batch
    std::string system_id_;
    std::optional<stream::Position> stored_until_;
    stream::Position reach_;  // as Checkpoint has it
    // Nothing was to be applied of what came until there after the last batch.
    std::optional<stream::Position> idle_until_;
    struct Repairing {
        Repair what;
        bool applying = false;
        std::optional<stream::Expected<void>> outcome = {};
    };
    std::optional<Repairing> repairing_;
    std::atomic<bool> repair_wanted_{false};
    std::atomic<bool> rebuild_{false};
    std::atomic<bool> comparing_{false};
    std::atomic<bool> promoted_{false};
    std::thread thread_;
};

}  // namespace atlas::analytics
