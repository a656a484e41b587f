// SPDX-License-Identifier: Apache-2.0
//
// Bounds how many sessions a part of the program has, and saves the cost of opening one for each
// request: sessions with the same settings, lent and given back.
//
//     request → acquire() → [Lease] → the session → back to the pool
//
// A session that the server ended is replaced by the next acquire(). Nothing opens sessions ahead,
// and idle ones stay open until the pool ends.
//
// Lifetime   outlives its leases.
// Threading  any thread. A lease belongs to one thread at a time.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <vector>

#include "pg/connection.h"

namespace atlas::pg {

class Pool {
public:
    // One session, given back by the destructor; closed instead when it is broken or was left
    // inside a transaction.
    class Lease {
    public:
        Lease(Pool& pool, Connection connection)
            : pool_(&pool), connection_(std::move(connection)) {}
        Lease(Lease&& other) noexcept
            : pool_(std::exchange(other.pool_, nullptr)),
              connection_(std::move(other.connection_)) {}
        Lease(const Lease&) = delete;
        Lease& operator=(const Lease&) = delete;
        Lease& operator=(Lease&&) = delete;
        ~Lease();
        Connection& operator*() { return connection_; }
        Connection* operator->() { return &connection_; }

    private:
        Pool* pool_;
        Connection connection_;
    };

    // At most `limit` sessions are open at a time. Opens none.
    Pool(std::string conninfo, SessionSettings settings, int limit);

    // A session that is not inside a transaction. Blocks for at most `wait` while all are in use,
    // then fails with ErrorKind::retryable; where none is idle it also opens one, which blocks for
    // at most connect_timeout per address and fails with ErrorKind::connection.
    Expected<Lease> acquire(std::chrono::milliseconds wait = std::chrono::milliseconds{2000});

private:
    void give_back(Connection connection);

    const std::string conninfo_;
    const SessionSettings settings_;
    const int limit_;
    std::mutex mutex_;
    std::condition_variable freed_;
    std::vector<Connection> idle_;
    int leased_ = 0;
};

}  // namespace atlas::pg
