// SPDX-License-Identifier: Apache-2.0
#include "stream/primary_clock.h"

#include <algorithm>

#include "assets/sql.h"
#include "pg/binary_result.h"
#include "pg/reopen.h"

namespace atlas::stream {
namespace {

pg::SessionSettings clock_session() {
    pg::SessionSettings settings;
    settings.application_name = "atlas clock";
    settings.connect_timeout = std::chrono::seconds(2);
    settings.statement_timeout = std::chrono::seconds(2);
    return settings;
}

}  // namespace

PrimaryClock::PrimaryClock(std::string conninfo, const Clock& clock)
    : conninfo_(std::move(conninfo)), clock_(clock) {
}

PrimaryClock::~PrimaryClock() {
    stop();
}

void PrimaryClock::start() {
    thread_ = std::thread([this] { watch(); });
}

void PrimaryClock::stop() {
    {
        const std::scoped_lock lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void PrimaryClock::ask() {
    if (!pg::reopen(session_, conninfo_, clock_session())) return;
    const auto rows =
        session_->exec(sql::text("queries/stream/clock.sql"), {}, pg::Connection::Format::binary);
    if (!rows) {
        // A standby has no such position; after a failover this may be one.
        session_.reset();
        return;
    }
    enter(pg::read_timestamptz(rows->text(0, 0)),
          Lsn{static_cast<std::uint64_t>(pg::read_int8(rows->text(0, 1)))});
}

void PrimaryClock::watch() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        const auto next = clock_.steady() + kInterval;
        lock.unlock();
        ask();
        lock.lock();
        clock_.wait_until(wake_, lock, next, [this] { return stopping_; });
    }
    session_.reset();
}

void PrimaryClock::enter(Time at, Lsn flushed) {
    const std::scoped_lock lock(mutex_);
    const Reading reading{.at = at, .flushed = flushed, .taken = clock_.steady()};
    // Another server, or one that was restored: what was read before says nothing about it.
    if (latest_ && flushed < latest_->flushed) seen_.clear();
    latest_ = reading;
    if (!seen_.empty() && seen_.back().flushed == flushed) {
        seen_.back().last = at;
        return;
    }
    seen_.push_back({.flushed = flushed, .first = at, .last = at});
    if (seen_.size() <= kMaxSeen) return;
    // Of the oldest three quarters two become one, with the times of both: an age that is reckoned
    // from it is too high rather than too low. The first one says from when on anything is known.
    std::size_t kept = 1;
    for (std::size_t i = 1; i < seen_.size(); ++i) {
        if (i % 2 == 0 && i < kMaxSeen * 3 / 4) {
            seen_[kept - 1].flushed = seen_[i].flushed;
            seen_[kept - 1].last = seen_[i].last;
        } else {
            seen_[kept++] = seen_[i];
        }
    }
    seen_.resize(kept);
}

std::optional<PrimaryClock::Reading> PrimaryClock::latest() const {
    const std::scoped_lock lock(mutex_);
    if (!latest_ || clock_.steady() - latest_->taken > kFresh) return std::nullopt;
    return latest_;
}

std::optional<Time> PrimaryClock::now() const {
    const auto reading = latest();
    if (!reading) return std::nullopt;
    return reading->at + std::chrono::floor<Micros>(clock_.steady() - reading->taken);
}

std::optional<Time> PrimaryClock::longer_since(Lsn lsn) const {
    const std::scoped_lock lock(mutex_);
    const auto found = std::ranges::upper_bound(seen_, lsn, {}, &Seen::flushed);
    if (found == seen_.end() || found == seen_.begin()) return std::nullopt;
    const Time before = std::prev(found)->last;
    // Nothing was read for a while: it may have grown at once.
    return found->first - before > 2 * kInterval ? before : found->first;
}

}  // namespace atlas::stream
