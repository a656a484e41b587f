// SPDX-License-Identifier: Apache-2.0
//
// The contract of a follower of the log: the analytics loader, and later the live index, cache
// invalidation, webhooks and Kafka, implement it. They know nothing of slots and sessions.
//
//     StreamReader ──► begin() change()… commit() │ advance() │ rest() ──► [Subscriber]
//
// The reader calls a subscriber in commit order, each transaction whole, from the first one that
// ended after the subscriber's checkpoint. A crash, of either side, repeats what came after the
// checkpoint; nothing else is repeated and nothing is left out. The slot is confirmed behind the
// lowest checkpoint of the process.
//
//     ready()       before each session, and before checkpoint() counts: can it be asked?
//     resume()      once per session, before everything else; what an earlier session left
//                   unfinished (a transaction without commit()) comes again from its beginning
//     begin()       a transaction begins; its time and its place are known already
//     change()      each of its rows, in order; the transaction may be larger than memory
//     message()     a logical message, where it is in the order; outside of a transaction, too
//     commit()      it is over: everything until transaction.end was delivered
//     advance()     no change until `position`, an idle log moves so
//     rest()        nothing more has arrived: a good moment to make what came durable
//     start_over()  an operator or a lost slot asks for it: forget everything
//     carry_over()  as start_over(), after a promotion: what it holds may be kept and compared
//
// A call may block; the reader then stops receiving, and the server keeps the log meanwhile. One
// that takes longer than wal_sender_timeout (60 s by default) costs the session.
//
// Lifetime   longer than the reader.
// Threading  all calls from the reader's thread, one at a time; checkpoint() and state() from any.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "stream/change.h"

namespace atlas::stream {

// Why a follower or the reader cannot go on.
struct Error {
    enum class Remedy : std::uint8_t {
        retry,    // by itself, with a new session and from the checkpoint
        rebuild,  // the follower's data has a gap, or is damaged: it starts over from the database
        stop,     // an operator has to act, the message says how
    };
    Remedy remedy = Remedy::retry;
    std::string message;
    // Of `rebuild`: a promotion put its data beside the server's history, which is all that is
    // wrong with it, so that a comparison with the database does as well.
    bool comparable = false;
};

template <class T>
using Expected = Result<T, Error>;

// Until where a follower's data is durable. Positions of two database systems cannot be compared,
// so a follower stores both, in the transaction that stores the data.
struct Checkpoint {
    std::string system_id;
    Position position;
    // Until where data of later commits may be there already; where it is not after `position`, of
    // none.
    Position reach = {};
};

// What a session delivers.
struct Session {
    std::string system_id;
    // Every transaction that ends after it: the subscriber's checkpoint, or where the slot begins.
    Position from;
};

struct Message {
    bool transactional = false;
    Lsn end;  // after the message's record
    std::string_view prefix;
    std::string_view content;
};

class Subscriber {
public:
    Subscriber() = default;
    Subscriber(const Subscriber&) = delete;
    Subscriber& operator=(const Subscriber&) = delete;
    virtual ~Subscriber() = default;

    virtual std::string_view name() const = 0;  // lower case, a label of metrics
    // nullopt: it has no data yet, and begins with the slot.
    virtual std::optional<Checkpoint> checkpoint() const = 0;
    // Until where its readers see the data: what lag is reckoned from. Earlier than the checkpoint
    // it cannot be; later it is where data is in memory before it is durable.
    virtual std::optional<Checkpoint> applied() const { return checkpoint(); }

    // Fails, with `retry`, while it cannot tell how far it is: no session begins then.
    virtual Expected<void> ready() { return {}; }
    virtual Expected<void> resume(const Session& session) = 0;
    virtual Expected<void> begin(const Transaction& transaction) = 0;
    virtual Expected<void> change(const Change& change) = 0;
    virtual Expected<void> message(const Message&) { return {}; }
    virtual Expected<void> commit(const Transaction& transaction) = 0;
    virtual Expected<void> advance(Position position) = 0;
    virtual Expected<void> rest() = 0;
    // checkpoint() is nullopt afterwards, also after a crash.
    virtual Expected<void> start_over() = 0;
    // As start_over(), but it may keep what it holds, and bring it to what the database has once
    // resume() has told from where on the log comes.
    virtual Expected<void> carry_over() { return start_over(); }
};

}  // namespace atlas::stream
