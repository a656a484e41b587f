// SPDX-License-Identifier: Apache-2.0
//
// A bounded pool of sessions with the same settings. A lease gives its session back when it ends;
// sessions found broken are replaced by the next acquire.
//
// Lifetime   outlives its leases.
// Threading  any thread.
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

    Pool(std::string conninfo, SessionSettings settings, int limit);

    // A session, at once or within `wait`; kind=retryable when all stayed busy, kind=connection
    // when the server cannot be reached. A session in an open transaction is never handed out.
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
