// SPDX-License-Identifier: Apache-2.0
#include "stream/slot_lease.h"

#include <fmt/format.h>

#include <random>

#include "assets/sql.h"
#include "pg/reopen.h"

namespace atlas::stream {
namespace {

using namespace std::chrono_literals;

// How long a process at a new address looks for slots that others have left there: the server may
// take a while to notice that a killed one is gone.
constexpr auto kSuccession = 15s;
// How long the end of a process waits for the server to notice that its slot is free.
constexpr auto kDropPatience = 2s;

std::string new_owner() {
    std::random_device random;
    return fmt::format("{:08x}{:08x}", random(), random());
}

pg::SessionSettings lease_session() {
    pg::SessionSettings settings;
    settings.application_name = "atlas slot";
    settings.connect_timeout = 2s;
    settings.statement_timeout = 5s;
    return settings;
}

double seconds(std::chrono::milliseconds time) {
    return std::chrono::duration<double>(time).count();
}

}  // namespace

SlotLease::SlotLease(LeaseOptions options, observe::Registry& registry, const Clock& clock)
    : options_(std::move(options)),
      clock_(clock),
      owner_(new_owner()),
      address_(options_.address),
      retained_(registry, "atlas_stream_retained_bytes",
                "Log that the server keeps for a slot of this process.", {{"role", options_.role}}),
      over_limit_(registry, "atlas_stream_retained_alarms_total",
                  "Measurements of more than 1 GB of log kept for a slot of this process.",
                  observe::Level::warning, 10min, {{"role", options_.role}}) {
}

SlotLease::~SlotLease() {
    stop();
}

void SlotLease::start() {
    thread_ = std::thread([this] { watch(); });
}

void SlotLease::stop() {
    {
        const std::scoped_lock lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void SlotLease::move_to(std::string address) {
    const std::scoped_lock lock(mutex_);
    address_ = std::move(address);
}

Holding SlotLease::holding() const {
    const std::scoped_lock lock(mutex_);
    return holding_;
}

std::optional<SlotState> SlotLease::measured() const {
    const std::scoped_lock lock(mutex_);
    return measured_;
}

void SlotLease::watch() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        lock.unlock();
        Holding now = look();
        if (now.state == Holding::State::held) measure();
        lock.lock();
        holding_ = std::move(now);
        if (holding_.state != Holding::State::held) measured_.reset();
        clock_.wait_for(wake_, lock, kLook, [this] { return stopping_; });
    }
    lock.unlock();
    give_up();
}

Holding SlotLease::look() {
    const bool lost = !session_ || !session_->usable();
    if (auto opened = pg::reopen(session_, options_.conninfo, lease_session()); !opened) {
        return {.slot = slot_, .detail = pg::describe(opened.error())};
    }
    if (lost) renew_due_ = clock_.steady();
    auto holding = ask();
    if (holding) return *holding;
    // A session in an unknown state may hold the lock without knowing it.
    session_.reset();
    return {.slot = slot_, .detail = pg::describe(holding.error())};
}

pg::Expected<Holding> SlotLease::ask() {
    if (slot_.empty()) {
        const auto named = session_->exec(sql::text("queries/stream/name_slot.sql"),
                                          pg::Params().add(options_.role));
        if (!named) return failure(named.error());
        slot_ = named->text(0, 0);
        if (!options_.durable) slot_ += "_" + owner_;
    }
    if (options_.durable) {
        const auto mine = session_->exec(sql::text("queries/stream/hold_role.sql"),
                                         pg::Params().add(options_.role));
        if (!mine) return failure(mine.error());
        if (!mine->boolean(0, 0)) {
            if (auto ended = end_stalled(); !ended) return failure(ended.error());
            return Holding{.state = Holding::State::standby,
                           .slot = slot_,
                           .detail = "another process reads the log for " + options_.role};
        }
    }
    if (auto done = renew(); !done) return failure(done.error());
    return Holding{.state = Holding::State::held, .slot = slot_};
}

pg::Expected<void> SlotLease::renew() {
    std::string address;
    {
        const std::scoped_lock lock(mutex_);
        address = address_;
    }
    if (!options_.durable) {
        if (address != said_address_) successor_until_ = clock_.steady() + kSuccession;
        if (clock_.steady() < successor_until_) {
            if (auto done = drop_predecessors(address); !done) return done;
        }
    }
    if (clock_.steady() < renew_due_ && address == said_address_) return {};
    const auto renewed =
        session_->exec(sql::text("queries/stream/renew_lease.sql"),
                       pg::Params().add(slot_).add(owner_).add(address).add(options_.durable));
    if (!renewed) return failure(renewed.error());
    said_address_ = std::move(address);
    renew_due_ = clock_.steady() + kRenew;
    return {};
}

// A standby may be wrong about its clock and never about the database's: that alone is asked.
pg::Expected<void> SlotLease::end_stalled() {
    const auto ended =
        session_->exec(sql::text("queries/stream/end_stalled_owner.sql"),
                       pg::Params().add(options_.role).add(slot_).add(seconds(kStalled)));
    if (!ended) return failure(ended.error());
    if (!ended->empty()) {
        observe::log_warning(
            "the process that reads the log for {} has said nothing for {} s; "
            "its sessions were ended",
            options_.role, seconds(kStalled));
    }
    return {};
}

pg::Expected<void> SlotLease::drop_predecessors(const std::string& address) {
    const auto old = session_->exec(sql::text("queries/stream/list_predecessors.sql"),
                                    pg::Params().add(address).add(owner_));
    if (!old) return failure(old.error());
    for (int row = 0; row < old->size(); ++row) {
        if (auto dropped = drop(old->text(row, 0)); !dropped) return dropped;
    }
    return {};
}

pg::Expected<void> SlotLease::drop(std::string_view slot) {
    const pg::Params name = pg::Params().add(slot);
    const auto dropped = session_->exec(sql::text("queries/stream/drop_slot.sql"), name);
    if (!dropped) return failure(dropped.error());
    const auto forgotten = session_->exec(sql::text("queries/stream/forget_slot.sql"), name);
    if (!forgotten) return failure(forgotten.error());
    return {};
}

void SlotLease::measure() {
    auto found = find_slot(*session_, slot_);
    if (!found) return;
    const std::uint64_t retained = *found ? (*found)->retained_bytes : 0;
    retained_.set(static_cast<double>(retained));
    if (retained > kAlarmBytes) {
        over_limit_.report("replication slot {} holds back {} MB of the log", slot_,
                           retained >> 20U);
    }
    const std::scoped_lock lock(mutex_);
    measured_ = *found;
}

void SlotLease::give_up() {
    const bool held = holding().state == Holding::State::held;
    if (options_.durable && held && session_ && session_->usable()) {
        // The lock is held until the session ends, so nobody else has said where it is.
        move_to("");
        static_cast<void>(renew());
    }
    if (!options_.durable && session_ && session_->usable() && !slot_.empty()) {
        const auto until = std::chrono::steady_clock::now() + kDropPatience;
        for (;;) {
            const auto dropped = drop(slot_);
            if (dropped || dropped.error().kind != pg::ErrorKind::retryable ||
                std::chrono::steady_clock::now() > until) {
                break;
            }
            // The server frees it a moment after its reader's session has ended, and tells nobody.
            std::this_thread::sleep_for(20ms);
        }
    }
    session_.reset();
}

pg::Expected<std::optional<std::string>> find_role(pg::Connection& connection,
                                                   std::string_view role) {
    const auto rows = connection.exec(sql::text("queries/stream/role_address.sql"),
                                      pg::Params().add(role).add(seconds(SlotLease::kStalled)));
    if (!rows) return failure(rows.error());
    if (rows->empty()) return std::nullopt;
    return std::string(rows->text(0, 0));
}

}  // namespace atlas::stream
