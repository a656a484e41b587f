// SPDX-License-Identifier: Apache-2.0
//
// The analytics store and the reader that fills it, in the benchmark's own process, so that its
// processor time and memory can be told from the server's.
//
//     Server (analytics off) → [Follower] → DuckStore in a folder of its own
//
// Lifetime   a folder of its own ends with this; the server outlives it.
// Threading  the benchmark's.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "analytics/duckdb/duck_store.h"
#include "analytics/initial_copy.h"
#include "analytics/loader.h"
#include "base/clock.h"
#include "bench/server.h"
#include "observe/metrics.h"
#include "stream/primary_clock.h"
#include "stream/slot_lease.h"
#include "stream/stream_reader.h"

namespace atlas::bench {

// The store's clock: goes ahead, so that what has just been written is closed.
class AheadClock final : public Clock {
public:
    Steady steady() const override { return clock_.steady(); }
    Time system() const override { return clock_.system() + ahead_.load(); }
    void go_ahead(std::chrono::seconds ahead) { ahead_ = ahead; }

private:
    void wait(std::condition_variable& wake, std::unique_lock<std::mutex>& lock,
              Steady until) const override {
        wake.wait_until(lock, until);
    }

    SystemClock clock_;
    std::atomic<std::chrono::seconds> ahead_{std::chrono::seconds{0}};
};

struct FollowerOptions {
    std::filesystem::path folder = {};          // stays; empty: one of its own
    std::int64_t min_settled_points = 122'880;  // see StoreOptions
};

class Follower {
public:
    Follower(const Server& server, const Settings& settings, const FollowerOptions& options = {});
    ~Follower();
    Follower(const Follower&) = delete;
    Follower& operator=(const Follower&) = delete;

    // Throws std::runtime_error. After stop() it goes on where it was.
    void start();
    void stop();
    // Blocks until the initial copy is complete, or everything until `lsn` is applied.
    void await_copy() const;
    void await(Lsn lsn, double seconds) const;

    // Settles and aggregates what is older than an hour, or everything until `ahead` from now, and
    // writes the store's own log into its file. Throws std::runtime_error.
    void compact(std::chrono::seconds ahead = {});

    analytics::duckdb::DuckStore& store() { return *store_; }
    std::optional<double> lag_seconds() const;

private:
    struct Parts;
    const std::string conninfo_;
    const bool own_folder_;
    const std::filesystem::path folder_;
    SystemClock clock_;
    AheadClock store_clock_;
    std::unique_ptr<analytics::duckdb::DuckStore> store_;
    std::unique_ptr<Parts> parts_;
};

// Of this process: user and system.
double own_cpu_seconds();

}  // namespace atlas::bench
