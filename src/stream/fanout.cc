// SPDX-License-Identifier: Apache-2.0
#include "stream/fanout.h"

#include <algorithm>

#include "observe/log.h"

namespace atlas::stream {
namespace {

std::optional<Position> position_of(const std::optional<Checkpoint>& checkpoint) {
    if (!checkpoint) return std::nullopt;
    return checkpoint->position;
}

}  // namespace

Fanout::Fanout(const std::vector<Subscriber*>& subscribers) : followers_(subscribers.size()) {
    for (std::size_t i = 0; i < subscribers.size(); ++i) {
        followers_[i].subscriber = subscribers[i];
    }
}

void Fanout::set_failed(Follower& follower, std::optional<Error> error) {
    if (error) {
        observe::log_error("{} no longer follows the log: {}", follower.subscriber->name(),
                           error->message);
    }
    const std::scoped_lock lock(mutex_);
    follower.failed = std::move(error);
    if (follower.failed) follower.unapplied.clear();
}

template <class Call>
Expected<void> Fanout::call(Follower& follower, Call call) {
    auto done = call(*follower.subscriber);
    if (done || done.error().remedy == Error::Remedy::retry) return done;
    set_failed(follower, std::move(done.error()));
    return {};
}

// The reader's thread alone changes `failed`, so it reads it without the lock.
template <class Call>
Expected<void> Fanout::call_all(Call one) {
    for (Follower& follower : followers_) {
        if (follower.failed || follower.skipping) continue;
        if (auto done = call(follower, one); !done) return done;
    }
    return {};
}

void Fanout::fail(const Error& error) {
    for (Follower& follower : followers_) {
        if (!follower.failed) set_failed(follower, error);
    }
}

Expected<void> Fanout::ready() {
    for (Follower& follower : followers_) {
        if (follower.failed && !follower.refused) continue;
        if (auto done = follower.subscriber->ready(); !done) return done;
    }
    return {};
}

bool Fanout::admit(const Refusal& refusal) {
    for (Follower& follower : followers_) {
        if (follower.failed && !follower.refused) continue;
        const auto checkpoint = follower.subscriber->checkpoint();
        auto refused = checkpoint ? refusal(*checkpoint) : std::nullopt;
        follower.refused = refused.has_value();
        // Said once, not with each session.
        const bool known =
            refused && follower.failed && follower.failed->message == refused->message;
        if (!known) set_failed(follower, std::move(refused));
    }
    return any();
}

bool Fanout::knows(std::string_view name) const {
    return name.empty() || std::ranges::any_of(followers_, [name](const Follower& follower) {
               return follower.subscriber->name() == name;
           });
}

Expected<void> Fanout::start_over(std::string_view name) {
    for (Follower& follower : followers_) {
        if (!name.empty() && follower.subscriber->name() != name) continue;
        if (auto done = follower.subscriber->start_over(); !done) return done;
        set_failed(follower, std::nullopt);
    }
    return {};
}

Expected<void> Fanout::start_over_refused() {
    for (Follower& follower : followers_) {
        if (!follower.refused || !follower.failed) continue;
        const bool kept = follower.failed->comparable;
        observe::log_warning("{} {}", follower.subscriber->name(),
                             kept ? "goes on from what it holds" : "starts over");
        auto done = kept ? follower.subscriber->carry_over() : follower.subscriber->start_over();
        if (!done) return done;
        follower.refused = false;
        set_failed(follower, std::nullopt);
    }
    return {};
}

Expected<void> Fanout::resume(const std::string& system_id, Position from) {
    for (Follower& follower : followers_) {
        follower.skipping = false;
        if (follower.failed) continue;
        {
            const std::scoped_lock lock(mutex_);
            follower.unapplied.clear();
        }
        const auto checkpoint = follower.subscriber->checkpoint();
        // What was admitted is part of this timeline's history.
        follower.from = {.timeline = from.timeline,
                         .lsn = checkpoint ? checkpoint->position.lsn : from.lsn};
        const Session session{.system_id = system_id, .from = follower.from};
        auto done =
            call(follower, [&](Subscriber& subscriber) { return subscriber.resume(session); });
        if (!done) return done;
    }
    return {};
}

void Fanout::remember(Follower& follower, const Transaction& transaction) {
    const std::scoped_lock lock(mutex_);
    auto& queue = follower.unapplied;
    queue.push_back({.commit = transaction.commit, .committed_at = transaction.committed_at});
    if (queue.size() <= kMaxUnapplied) return;
    // Of each pair the time of the older and the place of the younger: the age is never too low.
    std::size_t kept = 0;
    for (std::size_t i = 0; i + 1 < queue.size(); i += 2) {
        queue[kept++] = {.commit = queue[i + 1].commit, .committed_at = queue[i].committed_at};
    }
    if (queue.size() % 2 == 1) queue[kept++] = queue.back();
    queue.resize(kept);
}

Expected<void> Fanout::begin(const Transaction& transaction) {
    for (Follower& follower : followers_) {
        if (follower.failed) continue;
        // The server decides the same way: by where the commit record begins.
        follower.skipping = transaction.commit < follower.from;
        if (follower.skipping) continue;
        remember(follower, transaction);
        auto done =
            call(follower, [&](Subscriber& subscriber) { return subscriber.begin(transaction); });
        if (!done) return done;
    }
    return {};
}

Expected<void> Fanout::change(const Change& change) {
    return call_all([&](Subscriber& subscriber) { return subscriber.change(change); });
}

Expected<void> Fanout::message(const Message& message) {
    for (Follower& follower : followers_) {
        if (follower.failed || follower.skipping) continue;
        // One in a transaction comes with that; any other counts by its own place.
        if (!message.transactional && message.end <= follower.from.lsn) continue;
        auto done =
            call(follower, [&](Subscriber& subscriber) { return subscriber.message(message); });
        if (!done) return done;
    }
    return {};
}

Expected<void> Fanout::commit(const Transaction& transaction) {
    auto done = call_all([&](Subscriber& subscriber) { return subscriber.commit(transaction); });
    for (Follower& follower : followers_) follower.skipping = false;
    return done;
}

Expected<void> Fanout::advance(Position position) {
    for (Follower& follower : followers_) {
        if (follower.failed || position <= follower.from) continue;
        auto done =
            call(follower, [&](Subscriber& subscriber) { return subscriber.advance(position); });
        if (!done) return done;
    }
    return {};
}

Expected<void> Fanout::rest() {
    return call_all([](Subscriber& subscriber) { return subscriber.rest(); });
}

bool Fanout::any_checkpoint() const {
    return std::ranges::any_of(followers_, [](const Follower& follower) {
        return !follower.failed && follower.subscriber->checkpoint().has_value();
    });
}

bool Fanout::any() const {
    return std::ranges::any_of(followers_,
                               [](const Follower& follower) { return !follower.failed; });
}

std::optional<Position> Fanout::confirmable() const {
    const std::scoped_lock lock(mutex_);
    std::optional<Position> lowest;
    for (const Follower& follower : followers_) {
        if (follower.failed && follower.failed->remedy == Error::Remedy::rebuild) continue;
        const auto checkpoint = position_of(follower.subscriber->checkpoint());
        if (!checkpoint) return std::nullopt;
        if (!lowest || *checkpoint < *lowest) lowest = checkpoint;
    }
    return lowest;
}

std::vector<FollowerState> Fanout::states() const {
    const std::scoped_lock lock(mutex_);
    std::vector<FollowerState> states;
    for (const Follower& follower : followers_) {
        FollowerState state{.name = std::string(follower.subscriber->name()),
                            .failed = follower.failed,
                            .checkpoint = position_of(follower.subscriber->checkpoint()),
                            .applied = position_of(follower.subscriber->applied())};
        auto& queue = follower.unapplied;
        while (!queue.empty() && state.applied && queue.front().commit < *state.applied) {
            queue.pop_front();
        }
        if (!queue.empty()) state.oldest_unapplied = queue.front().committed_at;
        states.push_back(std::move(state));
    }
    return states;
}

}  // namespace atlas::stream
