// SPDX-License-Identifier: Apache-2.0
//
// A month of telemetry in PostgreSQL and, the same points, in an analytics store that is settled
// and aggregated: what questions are measured on.
//
//     SQL → observations → initial copy → DuckStore → compact() → [Month] → atlas up
//
// 30 whole days (UTC) until yesterday or today. Each of about a thousand entities has reported each
// 260 s: six curves with two digits, two counters, its site, which it keeps, and its state, which
// changes now and then. Some are silent for hours, a few fell silent in the end. Tenants are as
// large as 1/rank, the first has a fifth of everything.
//
// Lifetime   server and store end with this.
// Threading  the benchmark's.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "analytics/duckdb/duck_store.h"
#include "base/time.h"
#include "bench/server.h"
#include "bench/store_size.h"

namespace atlas::bench {

class Month {
public:
    // 100 M points at scale 1. Blocks for minutes; throws std::runtime_error.
    Month(const Settings& settings, Report& report);

    // The server, with the store in it, one of whose questions uses so many threads. Starts it
    // again when it has another number of them.
    Server& serve(int threads);
    // The store, in this process, while the server does without.
    void use_store(const std::function<void(analytics::duckdb::DuckStore&)>& use);

    struct Owner {
        std::int64_t id = 0;
        std::string name;
        std::int64_t entities = 0;
    };
    // By rank, the largest one first.
    const std::vector<Owner>& tenants() const { return tenants_; }
    std::int64_t points() const { return points_; }
    // Ends with the month; for what is made of it.
    const std::filesystem::path& folder() const { return server_.folder(); }
    Time from() const { return to_ - std::chrono::days{kDays}; }
    Time to() const { return to_; }
    const StoreSize& size() const { return size_; }

    static constexpr int kDays = 30;

private:
    void populate(pg::Connection& database);
    void fill_store(Report& report);
    void await_store();

    const Settings settings_;
    const Time to_;
    Server server_;
    const std::filesystem::path folder_;
    std::vector<Owner> tenants_;
    std::int64_t points_ = 0;
    StoreSize size_;
    int threads_ = 0;  // 0: the server is without the store
};

// One month for several benchmarks of a run, made by the first that needs it.
class SharedMonth {
public:
    Month& get(const Settings& settings, Report& report);

private:
    std::unique_ptr<Month> month_;
};

}  // namespace atlas::bench
