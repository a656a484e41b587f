// SPDX-License-Identifier: Apache-2.0
#include "stream/stream_reader.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <limits>

#include "catalog/stream_check.h"
#include "stream/lag.h"

namespace atlas::stream {
namespace {

using namespace std::chrono_literals;

// How long the server waits for a status, at most; it wants one a minute.
constexpr auto kStatusInterval = 1s;
// How long the reader sleeps while nothing arrives: how late it notices a new end of the log.
constexpr auto kIdle = 50ms;
// Between two requests for a keepalive that have not moved the position.
constexpr auto kRequestInterval = 200ms;
// How soon a reader notices that the slot is its own.
constexpr auto kLookForSlot = 100ms;
// How soon a reader asks a follower again that cannot tell how far it is, and which says why.
constexpr auto kLookForFollower = 1s;
// A session that was that long: what ends it is news.
constexpr auto kLasting = 1min;
// Messages between two looks at the clock.
constexpr int kBurst = 16;
// SQLSTATE, from a session that streams: the publication does not exist.
constexpr std::string_view kUndefinedObject = "42704";

Error retry(std::string message) {
    return {.remedy = Error::Remedy::retry, .message = std::move(message)};
}
Error retry(const pg::Error& error) {
    return retry(pg::describe(error));
}

pg::SessionSettings replication_settings() {
    pg::SessionSettings settings;
    settings.application_name = "atlas stream";
    return settings;
}
pg::SessionSettings catalog_settings() {
    pg::SessionSettings settings;
    settings.application_name = "atlas stream slot";
    return settings;
}

Error of(DecodeError error) {
    auto message = fmt::format("the change stream cannot be read: {}", to_string(error));
    // A new session announces its relations again.
    if (error == DecodeError::unknown_relation) return retry(std::move(message));
    return {.remedy = Error::Remedy::stop, .message = std::move(message)};
}

}  // namespace

std::string_view to_string(ReaderState state) {
    switch (state) {
        case ReaderState::connecting: return "connecting";
        case ReaderState::streaming: return "streaming";
        case ReaderState::standby: return "standby";
        case ReaderState::unavailable: return "unavailable";
        case ReaderState::stopped: return "stopped";
    }
    return "";
}

StreamReader::StreamReader(ReaderOptions options, const std::vector<Subscriber*>& subscribers,
                           const SlotHolder& holder, const PrimaryClock& primary,
                           observe::Registry& registry, const Clock& clock)
    : options_(std::move(options)),
      holder_(holder),
      primary_(primary),
      clock_(clock),
      fanout_(subscribers),
      transactions_(registry, "atlas_stream_transactions_total",
                    "Transactions received from the log.", {{"role", options_.role}}),
      rows_(registry, "atlas_stream_rows_total", "Changed rows received from the log.",
            {{"role", options_.role}}),
      sessions_lost_(registry, "atlas_stream_sessions_lost_total",
                     "Sessions with the log that ended by a failure.", {{"role", options_.role}}),
      streaming_(registry, "atlas_stream_streaming", "1 while the log is followed, else 0.",
                 [this] { return status().state == ReaderState::streaming ? 1.0 : 0.0; },
                 {{"role", options_.role}}) {
    for (std::size_t i = 0; i < subscribers.size(); ++i) {
        lags_.push_back(std::make_unique<observe::Reading>(
            registry, "atlas_stream_lag_seconds",
            "Age of the oldest commit that a follower has not applied; NaN: unknown.",
            [this, i] {
                return status().followers.at(i).lag_seconds.value_or(
                    std::numeric_limits<double>::quiet_NaN());
            },
            observe::Labels{{"follower", std::string(subscribers[i]->name())}}));
    }
}

StreamReader::~StreamReader() {
    stop();
}

void StreamReader::start() {
    thread_ = std::thread([this] { run(); });
}

void StreamReader::stop() {
    {
        const std::scoped_lock lock(mutex_);
        stopping_ = true;
        leave_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
}

bool StreamReader::rebuild(std::string_view follower) {
    if (!fanout_.knows(follower)) return false;
    {
        const std::scoped_lock lock(mutex_);
        rebuilds_.emplace(follower);
        leave_ = true;
    }
    wake_.notify_all();
    return true;
}

void StreamReader::hurry() {
    hurried_.ring();
}

void StreamReader::set_state(ReaderState state, std::string detail) {
    const std::scoped_lock lock(mutex_);
    state_ = state;
    detail_ = std::move(detail);
}

// Blocks until the time is over, or something else is to be done.
void StreamReader::pause(std::chrono::milliseconds time) {
    std::unique_lock lock(mutex_);
    clock_.wait_for(wake_, lock, time, [this] { return leave_.load(); });
}

void StreamReader::run() {
    auto next_pause = options_.shortest_pause;
    for (;;) {
        {
            const std::scoped_lock lock(mutex_);
            if (stopping_) return;
            leave_ = false;
        }
        advanced_ = false;
        const auto began = clock_.steady();
        const auto ended = follow();
        if (clock_.steady() - began > kLasting) lost_for_.clear();
        if (ended || leave_) continue;
        if (advanced_) next_pause = options_.shortest_pause;
        const auto remedy = ended.error().remedy;
        const std::string& message = ended.error().message;
        if (remedy == Error::Remedy::retry) {
            say_lost(message);
            set_state(ReaderState::connecting, message);
        } else {
            say_once(message);
            set_state(cannot_stream_ ? ReaderState::unavailable : ReaderState::stopped, message);
        }
        pause(remedy == Error::Remedy::retry ? next_pause : options_.recheck);
        next_pause = std::min(next_pause * 2, options_.longest_pause);
    }
}

// One session after the other that ends for the same reason is said once.
void StreamReader::say_lost(const std::string& message) {
    sessions_lost_.add();
    lost_again_ = message == lost_for_;
    if (lost_again_ || !lost_lines_.ask().pass) return;
    lost_for_ = message;
    observe::log_warning("the session with the log ended: {}", message);
}

void StreamReader::say_once(const std::string& message) {
    if (message == said_) return;
    said_ = message;
    if (cannot_stream_) {
        observe::log_warning("Atlas serves without the change stream: {}", message);
    } else {
        observe::log_error("the log is not followed: {}", message);
    }
}

Expected<void> StreamReader::carry_out_rebuilds() {
    std::set<std::string> names;
    {
        const std::scoped_lock lock(mutex_);
        names.swap(rebuilds_);
    }
    for (auto name = names.begin(); name != names.end(); name = names.erase(name)) {
        if (auto done = fanout_.start_over(*name); !done) {
            const std::scoped_lock lock(mutex_);
            rebuilds_.merge(names);
            return done;
        }
        fresh_slot_ = true;
    }
    return {};
}

// False when the reader is to end before the slot is its own.
bool StreamReader::await_slot() {
    for (;;) {
        auto holding = holder_.holding();
        slot_ = holding.slot;
        if (holding.state == Holding::State::held) return true;
        set_state(holding.state == Holding::State::standby ? ReaderState::standby
                                                           : ReaderState::connecting,
                  std::move(holding.detail));
        std::unique_lock lock(mutex_);
        if (clock_.wait_for(wake_, lock, kLookForSlot, [this] { return stopping_; })) return false;
    }
}

// One session, until it fails or the reader is asked to leave.
Expected<void> StreamReader::follow() {
    if (!await_slot()) return {};
    if (auto done = carry_out_rebuilds(); !done) return done;
    if (auto done = fanout_.ready(); !done) {
        set_state(ReaderState::connecting, std::move(done.error().message));
        pause(kLookForFollower);
        return {};
    }
    std::optional<pg::ReplicationSession> session;
    pg::ServerIdentity server;
    const auto from = prepare(session, server);
    if (!from) return failure(from.error());
    timeline_ = from->timeline;
    decoder_.emplace();
    transaction_ = {};
    {
        // Before the followers forget what they were handed: what comes again is not applied.
        const std::scoped_lock lock(mutex_);
        received_ = *from;
    }
    if (auto done = fanout_.resume(server.system_id, *from); !done) return done;
    status_due_ = clock_.steady();
    request_due_ = status_due_;
    set_state(ReaderState::streaming, {});
    said_.clear();
    if (!lost_again_) observe::log_info("following the log from {}", to_string(from->lsn));
    return receive(*session);
}

Error StreamReader::none_left() const {
    std::string message;
    for (const auto& follower : fanout_.states()) {
        if (!follower.failed) continue;
        message += fmt::format("{}{}: {}", message.empty() ? "" : "; ", follower.name,
                               follower.failed->message);
        if (follower.failed->remedy == Error::Remedy::rebuild) {
            message += ": run atlas stream rebuild";
        }
    }
    return {.remedy = Error::Remedy::stop, .message = std::move(message)};
}

Expected<void> StreamReader::check_server(pg::Connection& catalog) {
    const auto obstacles = catalog::stream_obstacles(catalog, slot_);
    if (!obstacles) return failure(retry(obstacles.error()));
    cannot_stream_ = !obstacles->empty();
    if (!cannot_stream_) return {};
    return failure(Error{.remedy = Error::Remedy::stop,
                         .message = fmt::format("{}", fmt::join(*obstacles, "; "))});
}

// Where the slot begins, once everything is as it should be; the session then streams. The one that
// asks the catalog ends here.
Expected<Position> StreamReader::prepare(std::optional<pg::ReplicationSession>& streaming,
                                         pg::ServerIdentity& server) {
    auto catalog = pg::Connection::open(options_.conninfo, catalog_settings());
    if (!catalog) return failure(retry(catalog.error()));
    if (auto able = check_server(*catalog); !able) return failure(able.error());
    auto opened = pg::ReplicationSession::open(options_.conninfo, replication_settings());
    if (!opened) return failure(retry(opened.error()));
    pg::ReplicationSession& session = streaming.emplace(std::move(*opened));
    auto identity = session.identify();
    if (!identity) return failure(retry(identity.error()));
    server = std::move(*identity);
    const auto slot = find_slot(*catalog, slot_);
    if (!slot) return failure(retry(slot.error()));
    if (*slot && !(*slot)->ours) {
        return failure(
            Error{.remedy = Error::Remedy::stop,
                  .message = fmt::format("replication slot {} is not of this database", slot_)});
    }
    const auto history = history_of(session, server);
    if (!history) return failure(retry(history.error()));
    bool any = fanout_.admit([&](const Checkpoint& checkpoint) {
        return refusal(*history, server.flushed, *slot, checkpoint);
    });
    if (options_.starts_over) {
        if (auto done = fanout_.start_over_refused(); !done) return failure(done.error());
        any = fanout_.any();
    }
    if (!any) return failure(none_left());
    Position from{.timeline = server.timeline, .lsn = *slot ? (*slot)->confirmed : Lsn{}};
    // Where nobody has data, nothing is lost with a slot that cannot be used, or is only older.
    const bool usable = *slot && !(*slot)->lost && (*slot)->confirmed <= server.flushed;
    if (!fanout_.any_checkpoint() && (!usable || fresh_slot_)) {
        const auto made = make_slot(session, slot->has_value());
        if (!made) return failure(made.error());
        from.lsn = *made;
    }
    fresh_slot_ = false;
    confirmed_ = from.lsn;
    const auto lowest = fanout_.confirmable();
    const std::array<pg::PluginOption, 4> plugin{
        {{.name = "proto_version", .value = "1"},
         {.name = "publication_names", .value = options_.publication},
         {.name = "binary", .value = "true"},
         {.name = "messages", .value = "true"}}};
    const auto started = session.start(slot_, lowest ? lowest->lsn : Lsn{}, plugin);
    if (!started) return failure(retry(started.error()));
    return from;
}

Expected<Lsn> StreamReader::make_slot(pg::ReplicationSession& session, bool exists) {
    if (exists) {
        if (auto dropped = session.drop_slot(slot_); !dropped) {
            return failure(retry(dropped.error()));
        }
    }
    const auto made = session.create_slot(slot_, pg::SlotLifetime::permanent);
    if (!made) return failure(retry(made.error()));
    observe::log_info("made replication slot {} at {}", slot_, to_string(*made));
    return *made;
}

// The server looks for the publication as it was when a change was written. Where it was missing
// then, it never sends that change, and before 18 none after it either.
Error StreamReader::session_error(const pg::Error& error) {
    if (error.sqlstate != kUndefinedObject) return retry(error);
    if (options_.starts_over) {
        const std::scoped_lock lock(mutex_);
        for (const auto& follower : fanout_.states()) rebuilds_.insert(follower.name);
    } else {
        fanout_.fail({.remedy = Error::Remedy::rebuild,
                      .message = fmt::format("changes were written while the publication was "
                                             "missing, so the server cannot send them: {}",
                                             pg::describe(error))});
    }
    return retry(error);
}

Expected<void> StreamReader::receive(pg::ReplicationSession& session) {
    for (int burst = 0; !leave_;) {
        auto message = session.receive(0ms);
        if (!message) return failure(session_error(message.error()));
        if (!*message) {
            if (auto done = idle(session); !done) return done;
            message = session.receive(kIdle, hurried_.descriptor());
            if (!message) return failure(session_error(message.error()));
        }
        if (*message) {
            if (auto done = handle(**message); !done) return done;
        }
        if (*message && !reply_due_ && ++burst < kBurst) continue;
        burst = 0;
        if (auto done = report(session); !done) return done;
    }
    // What is durable by now need not come again.
    reply_due_ = true;
    return report(session);
}

Expected<void> StreamReader::handle(const pg::ReplicationMessage& message) {
    if (const auto* keepalive = std::get_if<pg::Keepalive>(&message)) {
        reply_due_ = reply_due_ || keepalive->reply_requested;
        advanced_ = true;
        // During a transaction the position is not one until which everything was handed on.
        if (decoder_->in_transaction()) return {};
        if (!move_to(keepalive->end)) return {};
        return fanout_.advance({.timeline = timeline_, .lsn = keepalive->end});
    }
    const auto event = decoder_->decode(std::get<pg::LogData>(message).bytes);
    if (!event) return failure(of(event.error()));
    return hand_on(*event);
}

Expected<void> StreamReader::hand_on(const Event& event) {
    if (const auto* change = std::get_if<Change>(&event)) {
        rows_.add();
        row_rate_.add(1);
        return fanout_.change(*change);
    }
    if (const auto* begin = std::get_if<BeginEvent>(&event)) {
        transaction_ = {.commit = {.timeline = timeline_, .lsn = begin->commit},
                        .end = {.timeline = timeline_, .lsn = begin->commit},
                        .committed_at = begin->committed_at,
                        .xid = begin->xid};
        return fanout_.begin(transaction_);
    }
    if (const auto* commit = std::get_if<CommitEvent>(&event)) {
        transactions_.add();
        transaction_rate_.add(1);
        transaction_.end.lsn = commit->end;
        if (auto done = fanout_.commit(transaction_); !done) return done;
        advanced_ = true;
        move_to(commit->end);
        return {};
    }
    if (const auto* truncate = std::get_if<TruncateEvent>(&event)) {
        for (const Relation* relation : truncate->relations) {
            const Change change{
                .operation = Operation::truncate, .relation = relation, .row = {}, .old_key = {}};
            if (auto done = fanout_.change(change); !done) return done;
        }
        return {};
    }
    if (const auto* message = std::get_if<Message>(&event)) return fanout_.message(*message);
    return {};
}

// False when the reader has been there.
bool StreamReader::move_to(Lsn lsn) {
    const std::scoped_lock lock(mutex_);
    if (received_ && lsn <= received_->lsn) return false;
    received_ = Position{.timeline = timeline_, .lsn = lsn};
    return true;
}

// Nothing more has arrived. Where the primary's log is longer, the server is asked how far it is.
Expected<void> StreamReader::idle(pg::ReplicationSession& session) {
    if (!decoder_->in_transaction()) {
        if (auto done = fanout_.rest(); !done) return done;
    }
    const auto reading = primary_.latest();
    const auto now = clock_.steady();
    const bool longer = reading && (!received_ || reading->flushed > received_->lsn);
    if (hurried_.answered() || (longer && now >= request_due_)) {
        request_due_ = now + kRequestInterval;
        request_reply_ = true;
    }
    return report(session);
}

// Says how far the followers are: once a second, and whenever the server or we want a reply.
Expected<void> StreamReader::report(pg::ReplicationSession& session) {
    const auto now = clock_.steady();
    if (!reply_due_ && !request_reply_ && now < status_due_) return {};
    if (!fanout_.any()) return failure(none_left());
    if (holder_.holding().state != Holding::State::held) {
        return failure(retry("the slot is no longer held by this process"));
    }
    status_due_ = now + kStatusInterval;
    reply_due_ = false;
    const bool request = std::exchange(request_reply_, false);
    const auto durable = fanout_.confirmable();
    const Lsn received = received_ ? received_->lsn : Lsn{};
    if (durable) confirmed_ = std::max(confirmed_, std::min(durable->lsn, received));
    const auto sent = session.send_status({.written = std::max(received, confirmed_),
                                           .flushed = confirmed_,
                                           .applied = confirmed_,
                                           .sent_at = clock_.system()},
                                          request);
    if (!sent) return failure(retry(sent.error()));
    return {};
}

ReaderStatus StreamReader::status() const {
    ReaderStatus status;
    {
        const std::scoped_lock lock(mutex_);
        status.state = state_;
        status.detail = detail_;
        status.received = received_;
    }
    if (const auto slot = holder_.measured()) status.retained_bytes = slot->retained_bytes;
    status.transactions_per_second = transaction_rate_.per_second();
    status.rows_per_second = row_rate_.per_second();
    for (auto& state : fanout_.states()) {
        const auto lag = lag_of(state, status.received);
        status.followers.push_back({std::move(state), lag});
    }
    return status;
}

std::optional<double> StreamReader::lag_of(const FollowerState& follower,
                                           std::optional<Position> received) const {
    if (follower.failed || !follower.applied) return std::nullopt;
    // Without a transaction that waits it has applied all that it was handed.
    const Lsn here = std::max(follower.applied->lsn, received ? received->lsn : Lsn{});
    const auto lag = lag_after(primary_, here, follower.oldest_unapplied);
    if (!lag) return std::nullopt;
    return std::chrono::duration<double>(*lag).count();
}

}  // namespace atlas::stream
