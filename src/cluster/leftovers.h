// SPDX-License-Identifier: Apache-2.0
//
// Ends what a killed postmaster left behind. A busy backend does not notice that its postmaster is
// gone, and as long as one holds the shared memory, no server starts on the data.
//
//     EmbeddedCluster → [Leftovers] → /proc, signals
//
// A process counts only if its program is called postgres, its working directory is the cluster,
// and it maps the shared memory that postmaster.pid named; where that file is gone, shared memory
// of PostgreSQL's kind. `postgres --single`, which a person runs, is left alone. Nothing is lost:
// what was not committed is rolled back by recovery.
//
// Lifetime   one object per cluster.
// Threading  one thread at a time.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace atlas::cluster {

class Leftovers {
public:
    explicit Leftovers(std::filesystem::path cluster) : cluster_(std::move(cluster)) {}

    // Reads in postmaster.pid which shared memory the cluster's latest server has, and whether it
    // is one for a single user. To be called before that file is removed.
    void identify();
    // To be called again and again while no server runs on the cluster, until it returns true: no
    // process is left. Sends each SIGTERM, after 5 s SIGQUIT, after a minute SIGKILL, and says so;
    // then waits at most `wait` for the first of them.
    bool ended(std::chrono::milliseconds wait);

private:
    using Clock = std::chrono::steady_clock;

    std::vector<pid_t> find() const;
    bool is_leftover(pid_t pid) const;
    void signal(pid_t pid, int number);
    void say(const std::vector<pid_t>& left);

    const std::filesystem::path cluster_;
    std::string shared_memory_;  // its number; empty: unknown
    pid_t single_user_ = 0;      // 0: none
    std::map<pid_t, int> sent_;  // the latest signal to each
    std::optional<Clock::time_point> since_;
    Clock::time_point say_at_;
};

}  // namespace atlas::cluster
