// SPDX-License-Identifier: Apache-2.0
//
// Keeps the live index at what the database commits: first the load, then the log, transaction by
// transaction.
//
//     StreamReader → [Follower] → RowReader → LiveIndex
//                        ▲
//                   InitialLoad: what was there before the slot, and tenants that come back
//
// Nothing is stored: the checkpoint is what is in memory, so that the slot keeps no log for it, and
// a new process, or one whose slot was lost, starts over from the database.
//
// Lifetime   index, clocks and registry outlive it.
// Threading  as Subscriber; complete(), await(), loaded() and failure() from any thread.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include "base/clock.h"
#include "index/feed/initial_load.h"
#include "index/feed/memory_budget.h"
#include "index/feed/row_reader.h"
#include "index/live_index.h"
#include "observe/log.h"
#include "observe/metrics.h"
#include "observe/rate.h"
#include "stream/primary_clock.h"
#include "stream/subscriber.h"

namespace atlas::index {

struct FollowerOptions {
    std::string conninfo;
    std::size_t memory_bytes = SIZE_MAX;  // the budget of the index
    std::int64_t part_rows = 20'000;      // of the load
    // A tenant that had no room stays out for so long at least.
    std::chrono::milliseconds pause_outside = std::chrono::minutes{1};
    // Called when the index has to start over; asks StreamReader::rebuild() for it.
    std::function<void()> request_rebuild = [] {};
};

class Follower final : public stream::Subscriber {
public:
    static constexpr std::string_view kName = "index";
    // How often the memory is compared with its budget.
    static constexpr std::chrono::milliseconds kMeasure{1000};
    // How long the load may keep the log waiting at a time; a busy log then has as long.
    static constexpr std::chrono::milliseconds kTurn{500};
    // Until a part of the load that failed begins again.
    static constexpr std::chrono::milliseconds kPauseAfterFailure{1000};
    // Until it is looked again whether a transaction has ended that a part waits for.
    static constexpr std::chrono::milliseconds kPauseForEnd{20};

    Follower(FollowerOptions options, LiveIndex& index, const stream::PrimaryClock& primary,
             observe::Registry& registry, const Clock& clock);

    std::string_view name() const override { return kName; }
    std::optional<stream::Checkpoint> checkpoint() const override;

    stream::Expected<void> resume(const stream::Session& session) override;
    stream::Expected<void> begin(const stream::Transaction& transaction) override;
    stream::Expected<void> change(const stream::Change& change) override;
    stream::Expected<void> commit(const stream::Transaction& transaction) override;
    stream::Expected<void> advance(stream::Position position) override;
    stream::Expected<void> rest() override;
    stream::Expected<void> start_over() override;

    // Whether the index holds the whole database, as of its position.
    bool complete() const { return complete_.load(std::memory_order_acquire); }
    // Waits until the index holds everything up to `position`, for at most `patience`; `hurry` is
    // called every now and then.
    bool await(LogPosition position, std::chrono::milliseconds patience,
               const std::function<void()>& hurry);
    // The transaction that was applied last, without the epoch; 0: none.
    std::uint32_t newest() const { return newest_.load(std::memory_order_acquire); }
    std::int64_t loaded() const { return load_.loaded(); }  // entities
    double changes_per_second() const { return change_rate_.per_second(); }

private:
    enum class Turn : std::uint8_t { idle, busy };
    void load(Turn turn);
    void loaded(const Applied& to);
    void moved(const Applied& to);
    void keep_budget();
    void leave_out(const TenantUse& tenant);
    void give_up_return();
    void begin_return();
    Applied applied_at(stream::Position position, Time committed_at) const;

    const FollowerOptions options_;
    LiveIndex& index_;
    const stream::PrimaryClock& primary_;
    const Clock& clock_;
    RowReader rows_{index_};
    InitialLoad load_;
    observe::Event failures_;
    observe::Event left_out_;
    observe::Event returned_;
    observe::RateMeter change_rate_;

    // Of the reader's thread.
    Time committed_at_{};
    std::uint64_t changes_ = 0;  // of the transaction
    bool truncated_ = false;
    Clock::Steady load_due_{};
    Clock::Steady log_until_{};  // of a busy log: then the load has its turn
    Clock::Steady measure_due_{};
    MemoryBudget budget_;
    std::optional<TenantId> returning_;  // what is loaded is this tenant

    std::atomic<bool> complete_{false};
    std::atomic<std::uint32_t> newest_{0};
    mutable std::mutex mutex_;
    std::condition_variable moved_;
    std::string system_id_;  // empty: no data
    int waiting_ = 0;
};

}  // namespace atlas::index
