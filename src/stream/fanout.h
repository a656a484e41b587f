// SPDX-License-Identifier: Apache-2.0
//
// Hands what the log says to the followers of a process, each from its own checkpoint on.
//
//     StreamReader → [Fanout] → Subscriber, Subscriber …
//
// Each follower is called in commit order; transactions that its checkpoint holds are left out. One
// that fails with `rebuild` or `stop` is left out from then on, and the others continue; one that
// fails with `retry` ends the session for all.
//
// Lifetime   that of the reader; the subscribers outlive it.
// Threading  the reader's thread; states() and confirmable() from any.
#pragma once

#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "stream/change.h"
#include "stream/subscriber.h"

namespace atlas::stream {

struct FollowerState {
    std::string name;
    std::optional<Error> failed = {};  // why it is left out
    std::optional<Position> checkpoint = {};
    std::optional<Position> applied = {};
    // When the first transaction was committed that it was handed and has not applied.
    std::optional<Time> oldest_unapplied = {};
};

class Fanout {
public:
    explicit Fanout(const std::vector<Subscriber*>& subscribers);

    // Whether all that have not failed can tell how far they are.
    Expected<void> ready();
    // Before resume(): asks of each follower that has not failed by itself whether it can go on
    // from its checkpoint on this server, and leaves out those that cannot. False when none is
    // left.
    using Refusal = std::function<std::optional<Error>(const Checkpoint&)>;
    bool admit(const Refusal& refusal);
    // Has those start over that wait for it, unless they have failed by themselves; from what they
    // hold where that is comparable.
    Expected<void> start_over_refused();
    // Empty: all of them. False when there is none of that name.
    bool knows(std::string_view name) const;
    // Has those followers forget everything; fails with the first one that cannot.
    Expected<void> start_over(std::string_view name);

    // A session begins that delivers everything after `from`.
    Expected<void> resume(const std::string& system_id, Position from);
    Expected<void> begin(const Transaction& transaction);
    Expected<void> change(const Change& change);
    Expected<void> message(const Message& message);
    Expected<void> commit(const Transaction& transaction);
    Expected<void> advance(Position position);
    Expected<void> rest();

    // Ends all that are left.
    void fail(const Error& error);
    // Whether a follower is left that is called.
    bool any() const;
    // Whether a follower is left that has data.
    bool any_checkpoint() const;
    // The lowest checkpoint of all followers; nullopt when one has none: then nothing may be
    // confirmed. One that waits for a rebuild needs no log.
    std::optional<Position> confirmable() const;
    std::vector<FollowerState> states() const;

    // More transactions that a follower was handed and has not applied are remembered in pairs.
    static constexpr std::size_t kMaxUnapplied = 4096;

private:
    struct Unapplied {
        Position commit;
        Time committed_at{};
    };
    struct Follower {
        Subscriber* subscriber = nullptr;
        Position from;          // where this session begins for it
        bool skipping = false;  // the transaction that is being handed out
        std::optional<Error> failed = {};
        bool refused = false;  // by admit(), which asks again with the next session
        mutable std::deque<Unapplied> unapplied = {};
    };
    template <class Call>
    Expected<void> call(Follower& follower, Call call);
    template <class Call>
    Expected<void> call_all(Call call);
    void set_failed(Follower& follower, std::optional<Error> error);
    void remember(Follower& follower, const Transaction& transaction);

    std::vector<Follower> followers_;
    mutable std::mutex mutex_;  // of failed and unapplied of the followers
};

}  // namespace atlas::stream
