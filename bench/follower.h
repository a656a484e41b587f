// SPDX-License-Identifier: Apache-2.0
//
// The analytics store and the reader that fills it, in the benchmark's own process, so that its
// processor time and memory can be told from the server's.
//
//     Server (analytics off) → [Follower] → DuckStore in a folder of its own
//
// Lifetime   the folder ends with this; the server outlives it.
// Threading  the benchmark's.
#pragma once

#include <filesystem>
#include <memory>
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

class Follower {
public:
    Follower(const Server& server, const Settings& settings);
    ~Follower();
    Follower(const Follower&) = delete;
    Follower& operator=(const Follower&) = delete;

    // Throws std::runtime_error. After stop() it goes on where it was.
    void start();
    void stop();
    // Blocks until the initial copy is complete, or everything until `lsn` is applied.
    void await_copy() const;
    void await(Lsn lsn, double seconds) const;

    analytics::duckdb::DuckStore& store() { return *store_; }
    std::optional<double> lag_seconds() const;

private:
    struct Parts;
    const std::string conninfo_;
    const std::filesystem::path folder_;
    SystemClock clock_;
    std::unique_ptr<analytics::duckdb::DuckStore> store_;
    std::unique_ptr<Parts> parts_;
};

// Of this process: user and system.
double own_cpu_seconds();

}  // namespace atlas::bench
