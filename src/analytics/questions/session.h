// SPDX-License-Identifier: Apache-2.0
//
// A connection for one request: a snapshot of the store, and the position in the log that it holds.
//
//     DuckStore → [open_session] → statements of one moment
//
// Lifetime   one request's, or its stream's; the store outlives it.
// Threading  one thread at a time.
#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <utility>

#include "analytics/duckdb/duck_store.h"
#include "query/error.h"
#include "query/snapshot.h"

namespace atlas::analytics {

// One of at most so many requests that run at a time.
class Turn {
public:
    // nullopt: too many run already.
    static std::optional<Turn> take(const std::shared_ptr<std::atomic<int>>& running, int most);
    Turn(Turn&& other) noexcept = default;
    Turn& operator=(Turn&& other) noexcept {
        std::swap(running_, other.running_);
        return *this;
    }
    ~Turn() {
        if (running_) running_->fetch_sub(1);
    }

private:
    explicit Turn(std::shared_ptr<std::atomic<int>> running) : running_(std::move(running)) {}
    std::shared_ptr<std::atomic<int>> running_;
};

struct Session {
    Turn turn;
    duckdb::Connection connection;
    query::Snapshot snapshot;
};

// The error of a store that does not hold the whole database yet.
query::Error being_filled();

// The first one closes the store's database to every file but its own and those in `folder`, and to
// the network, until it is opened again. Fails with busy, analytics_unavailable (also while the
// store is being filled) or internal.
query::Answer<Session> open_session(duckdb::DuckStore& store,
                                    const std::shared_ptr<std::atomic<int>>& running, int most,
                                    const std::filesystem::path& folder);

}  // namespace atlas::analytics
