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
//     resume()    once per session, before everything else
//     begin()     a transaction begins; its end and time are known already
//     change()    each of its rows, in order; the transaction may be larger than memory
//     commit()    it is over: everything until transaction.end was delivered
//     advance()   no change until `position`, an idle log moves so
//     rest()      nothing more has arrived: a good moment to make what came durable
//
// A call may block; the reader then stops receiving, and the server keeps the log meanwhile.
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
};

template <class T>
using Expected = Result<T, Error>;

class Subscriber {
public:
    Subscriber() = default;
    Subscriber(const Subscriber&) = delete;
    Subscriber& operator=(const Subscriber&) = delete;
    virtual ~Subscriber() = default;

    virtual std::string_view name() const = 0;
    // Until where its data is durable; nullopt: it has none yet, and begins with the slot.
    virtual std::optional<Position> checkpoint() const = 0;

    virtual Expected<void> resume() = 0;
    virtual Expected<void> begin(const Transaction& transaction) = 0;
    virtual Expected<void> change(const Change& change) = 0;
    virtual Expected<void> commit(const Transaction& transaction) = 0;
    virtual Expected<void> advance(Position position) = 0;
    virtual Expected<void> rest() = 0;
};

}  // namespace atlas::stream
