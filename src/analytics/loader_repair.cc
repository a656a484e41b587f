// SPDX-License-Identifier: Apache-2.0
//
// Repairs: rows that the store does not hold as the database has them are read again, between two
// transactions of the log.
//
// A commit is in the log a moment before a statement shows it. So the rows are read by a statement
// that shows every transaction that the log may have brought before: those that ran when the repair
// was asked for have ended, and those that were delivered since are visible.
#include <fmt/format.h>

#include <algorithm>

#include "analytics/loader.h"

namespace atlas::analytics {
namespace {

using std::chrono::milliseconds;
using stream::Error;

constexpr milliseconds kPauseForEnd{20};
constexpr milliseconds kPauseForVisibility{2};
constexpr milliseconds kLongestPause{200};

bool shows_all(const stream::CopySnapshot& snapshot, std::span<const std::uint32_t> xids) {
    return std::ranges::all_of(xids, [&](std::uint32_t xid) { return snapshot.shows(xid); });
}

}  // namespace

stream::Expected<void> Loader::repair(Repair what, milliseconds patience) {
    const auto until = std::chrono::steady_clock::now() + patience;
    std::unique_lock lock(mutex_);
    if (repairing_) return failure(Error{.message = "another repair runs"});
    repairing_.emplace(Repairing{.what = std::move(what)});
    repair_wanted_ = true;
    const auto is_over = [this] { return stopping_ || repairing_->outcome; };
    wake_.wait_until(lock, until, [&] { return is_over() || repairing_->applying; });
    // What is on its way to the store cannot be called back.
    if (repairing_->applying) wake_.wait(lock, is_over);
    repair_wanted_ = false;
    auto outcome = std::move(repairing_->outcome);
    repairing_.reset();
    if (outcome) return *std::move(outcome);
    return failure(Error{.message = stopping_
                                        ? "stopping"
                                        : "a transaction that writes is open for too long, or "
                                          "the log is not followed"});
}

void Loader::end_repair(stream::Expected<void> outcome) {
    const std::scoped_lock lock(mutex_);
    running_.reset();
    repair_wanted_ = false;
    if (repairing_ && !repairing_->applying) repairing_->outcome = std::move(outcome);
    wake_.notify_all();
}

// Waits for a moment: commits that were just delivered become visible.
bool Loader::shows_delivered(stream::CopySnapshot snapshot) {
    for (milliseconds waited{0}; waited < kLongestPause; waited += kPauseForVisibility) {
        if (shows_all(snapshot, delivered_)) return true;
        std::unique_lock lock(mutex_);
        if (wake_.wait_for(lock, kPauseForVisibility, [this] { return stopping_; })) return false;
        lock.unlock();
        auto next = source_.snapshot();
        if (!next) return false;
        snapshot = *std::move(next);
    }
    return false;
}

// Called often while a repair is wanted.
void Loader::serve_repair() {
    if (in_transaction_) return;
    if (!plan_.complete())
        return end_repair(failure(Error{.message = "the store is being filled"}));
    const auto now = clock_.steady();
    if (running_ && now < repair_due_) return;
    repair_due_ = now + kPauseForEnd;
    auto snapshot = source_.snapshot();
    if (!snapshot) return end_repair(failure(snapshot.error()));
    if (!running_) {
        delivered_.clear();
        running_ = *snapshot;
    }
    const bool ended = std::ranges::all_of(running_->running, [&](std::uint64_t xid) {
        return snapshot->shows(static_cast<std::uint32_t>(xid));
    });
    if (!ended || !shows_delivered(*std::move(snapshot))) return;
    if (!filling_.empty() || !missing_.empty()) {
        if (auto done = close(); !done) return end_repair(std::move(done));
    }
    await_store();
    if (auto ok = check_failure(); !ok) return end_repair(std::move(ok));
    Repair what;
    {
        const std::scoped_lock lock(mutex_);
        if (!repairing_ || repairing_->outcome) return;
        what = repairing_->what;
    }
    auto batch = read_repair(what);
    if (!batch) return end_repair(failure(batch.error()));
    running_.reset();
    const std::scoped_lock lock(mutex_);
    // It was given up meanwhile.
    if (!repairing_) return;
    repair_wanted_ = false;
    repairing_->applying = true;
    std::swap(*batch, applying_);
    busy_ = true;
    wake_.notify_all();
}

stream::Expected<LoaderBatch> Loader::read_repair(const Repair& what) {
    LoaderBatch batch(options_.max_points);
    stream::Expected<void> kept;
    for (const TimeRange& range : what.ranges) {
        batch.batch().cleared.push_back(range);
        auto done = source_.range(
            range, [&](const stream::Relation& relation, std::span<const stream::Cell> row) {
                if (kept) kept = add_repaired(relation, row, batch);
            });
        if (!done) return failure(done.error());
    }
    for (const DimensionKey& key : what.rows) {
        batch.remove(key);
        auto done = source_.dimension(
            key, [&](const stream::Relation& relation, std::span<const stream::Cell> row) {
                const bool read = small_.bind(relation) && small_.read(row, batch.dimension(key)) ==
                                                               LoaderDimensions::Outcome::read;
                if (!read) kept = failure(Error{.message = "a row of a small table is damaged"});
            });
        if (!done) return failure(done.error());
    }
    if (!kept) return failure(kept.error());
    // No transaction that begins to commit after it is in what was read.
    const auto after = source_.snapshot();
    if (!after) return failure(after.error());
    const stream::Position until{.timeline = seen_.timeline, .lsn = after->after.lsn};
    replace_until_ = std::max(replace_until_, until);
    batch.batch().notes = {
        {.name = std::string(kReplaceNote), .text = stream::to_string(replace_until_)}};
    if (what.ends_comparison) {
        batch.batch().notes.push_back({.name = std::string(kCompareNote), .text = std::nullopt});
    }
    note_reach();
    return batch;
}

stream::Expected<void> Loader::add_repaired(const stream::Relation& relation,
                                            std::span<const stream::Cell> row, LoaderBatch& batch) {
    if (!rows_.bind(relation)) return failure(Error{.message = "observations lack a column"});
    auto outcome = batch.add(rows_, row);
    if (outcome == LoaderPoints::Outcome::unknown_shape) {
        if (auto done = source_.shape(rows_.missing_shape(), shapes_); !done) return done;
        outcome = batch.add(rows_, row);
    }
    if (outcome == LoaderPoints::Outcome::added) return {};
    return failure(Error{.message = "a row of observations is damaged"});
}

}  // namespace atlas::analytics
