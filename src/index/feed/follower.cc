// SPDX-License-Identifier: Apache-2.0
#include "index/feed/follower.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace atlas::index {
namespace {

using namespace std::chrono_literals;
using stream::Error;
using stream::Operation;
using stream::Table;

// Commits arrive by themselves within that; what takes longer is asked for.
constexpr auto kFirstWait = 1ms;
constexpr auto kNextWait = 2ms;

}  // namespace

Follower::Follower(FollowerOptions options, LiveIndex& index, const stream::PrimaryClock& primary,
                   observe::Registry& registry, const Clock& clock)
    : options_(std::move(options)),
      index_(index),
      primary_(primary),
      clock_(clock),
      load_(options_.conninfo, options_.part_rows),
      failures_(registry, "atlas_index_load_failures_total",
                "Parts of the load of the live index that failed and were begun again.",
                observe::Level::warning),
      left_out_(registry, "atlas_index_tenants_left_out_total",
                "Tenants whose state left memory because the live index was over its budget.",
                observe::Level::warning),
      returned_(registry, "atlas_index_tenants_returned_total",
                "Tenants whose state is in memory again after it had left.", observe::Level::info),
      budget_(options_.memory_bytes, options_.pause_outside) {
}

std::optional<stream::Checkpoint> Follower::checkpoint() const {
    const std::scoped_lock lock(mutex_);
    if (system_id_.empty()) return std::nullopt;
    return stream::Checkpoint{.system_id = system_id_, .position = index_.applied().position};
}

// By the primary's clock: everything that it had on disk then is applied.
Applied Follower::applied_at(stream::Position position, Time committed_at) const {
    const auto reading = primary_.latest();
    const bool all = reading && reading->flushed <= position.lsn;
    return {.position = position,
            .as_of = all ? std::max(reading->at, committed_at) : committed_at};
}

stream::Expected<void> Follower::resume(const stream::Session& session) {
    index_.abort();
    const std::scoped_lock lock(mutex_);
    if (!system_id_.empty()) return {};
    system_id_ = session.system_id;
    committed_at_ = {};
    index_.commit({.position = session.from, .as_of = {}});
    load_.begin();
    load_due_ = clock_.steady();
    observe::log_info("the live index is filled from the database");
    return {};
}

stream::Expected<void> Follower::begin(const stream::Transaction& transaction) {
    load_.delivered(transaction.xid);
    changes_ = 0;
    return {};
}

stream::Expected<void> Follower::change(const stream::Change& change) {
    ++changes_;
    const Table table = change.relation->table;
    if (change.operation == Operation::truncate && table != Table::observations &&
        table != Table::heartbeat) {
        truncated_ = true;
        return {};
    }
    if (rows_.apply(change)) return {};
    return failure(
        Error{.remedy = Error::Remedy::stop,
              .message = fmt::format("a row of {} does not have the columns of this version; run "
                                     "atlas migrate",
                                     name_of(table))});
}

stream::Expected<void> Follower::commit(const stream::Transaction& transaction) {
    rows_.finish();
    committed_at_ = std::max(committed_at_, transaction.committed_at);
    const Applied to = applied_at(transaction.end, committed_at_);
    // Before it is shown.
    newest_.store(transaction.xid, std::memory_order_release);
    index_.commit(to);
    change_rate_.add(changes_);
    moved(to);
    if (std::exchange(truncated_, false)) {
        complete_ = false;
        observe::log_warning("a table of entities was truncated: the live index starts over");
        options_.request_rebuild();
    }
    load(Turn::busy);
    keep_budget();
    return {};
}

stream::Expected<void> Follower::advance(stream::Position position) {
    const Applied to = applied_at(position, committed_at_);
    index_.advance(to);
    moved(to);
    load(Turn::busy);
    return {};
}

stream::Expected<void> Follower::rest() {
    load(Turn::idle);
    keep_budget();
    return {};
}

stream::Expected<void> Follower::start_over() {
    complete_ = false;
    index_.clear();
    load_.end();
    returning_.reset();
    budget_.clear();
    const std::scoped_lock lock(mutex_);
    system_id_.clear();
    return {};
}

// The log waits meanwhile.
void Follower::load(Turn turn) {
    if (load_.finished()) return;
    const auto begun = clock_.steady();
    if (begun < load_due_ || (turn == Turn::busy && begun < log_until_)) return;
    auto now = begun;
    for (; now - begun < kTurn; now = clock_.steady()) {
        const auto step = load_.step(rows_);
        if (!step) {
            index_.abort();
            failures_.report("the load of the live index continues in a moment: {}",
                             step.error().message);
            load_due_ = clock_.steady() + kPauseAfterFailure;
            return;
        }
        if (*step == InitialLoad::Step::too_early) load_due_ = now + kPauseForEnd;
        if (*step != InitialLoad::Step::loaded) break;
        index_.commit(index_.applied());
        keep_budget();
    }
    log_until_ = now + (now - begun);
}

// Whether what was loaded may be read now.
void Follower::loaded(const Applied& to) {
    if (!load_.finished() || to.position.lsn < load_.after() || truncated_) return;
    if (!complete()) {
        load_.end();
        complete_.store(true, std::memory_order_release);
        observe::log_info("the live index holds {} entities", index_.usage().entities);
    } else if (returning_) {
        load_.end();
        index_.show(*returning_);
        budget_.held(*returning_);
        returned_.report("tenant {} is answered from memory again", returning_->value);
        returning_.reset();
    }
}

// Readers may go on from here.
void Follower::moved(const Applied& to) {
    loaded(to);
    const std::scoped_lock lock(mutex_);
    if (waiting_ > 0) moved_.notify_all();
}

bool Follower::await(LogPosition position, std::chrono::milliseconds patience,
                     const std::function<void()>& hurry) {
    const auto holds = [&] { return index_.applied().position >= position; };
    if (holds()) return true;
    const auto until = std::chrono::steady_clock::now() + patience;
    std::unique_lock lock(mutex_);
    ++waiting_;
    bool held = moved_.wait_for(lock, kFirstWait, holds);
    while (!held && std::chrono::steady_clock::now() < until) {
        hurry();
        held = moved_.wait_for(lock, kNextWait, holds);
    }
    --waiting_;
    return held;
}

void Follower::keep_budget() {
    const auto now = clock_.steady();
    if (now < measure_due_) return;
    measure_due_ = now + kMeasure;
    const Usage usage = index_.usage();
    if (usage.bytes > budget_.bytes()) {
        // Nobody reads that one yet.
        if (returning_) give_up_return();
        for (const TenantUse& tenant : budget_.excess(index_.tenants())) {
            left_out_.report(
                "the live index takes more than its {} MiB: tenant {}, which takes {} MiB, is "
                "answered by PostgreSQL until there is room; raise index.memory_mb",
                budget_.bytes() >> 20U, tenant.tenant.value, tenant.bytes >> 20U);
            leave_out(tenant);
        }
    }
    if (!returning_ && complete() && usage.left_out > 0) begin_return();
}

void Follower::leave_out(const TenantUse& tenant) {
    index_.leave_out(tenant.tenant);
    budget_.left(tenant.tenant, tenant.bytes, clock_.steady());
}

void Follower::give_up_return() {
    load_.end();
    for (const TenantUse& tenant : index_.tenants()) {
        if (tenant.tenant != *returning_) continue;
        left_out_.report(
            "tenant {} does not fit into what is left of the {} MiB of the live index; raise "
            "index.memory_mb",
            tenant.tenant.value, budget_.bytes() >> 20U);
        leave_out(tenant);
    }
    returning_.reset();
}

// Its changes count from here on; the load brings what was there before.
void Follower::begin_return() {
    const auto found = budget_.next(index_.tenants(), clock_.steady(), clock_.system());
    if (!found) return;
    for (const TenantUse& tenant : found->instead_of) {
        left_out_.report(
            "tenant {}, which nobody has read for a while, gives its {} MiB of the "
            "live index to tenant {}",
            tenant.tenant.value, tenant.bytes >> 20U, found->tenant.value);
        leave_out(tenant);
    }
    index_.take_in(found->tenant);
    index_.commit(index_.applied());
    load_.begin(found->tenant);
    returning_ = found->tenant;
}

}  // namespace atlas::index
