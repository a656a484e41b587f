// SPDX-License-Identifier: Apache-2.0
//
// Handles the server process of one cluster: start, take over, wait, stop, read its log.
//
//     EmbeddedCluster → [Postmaster] → postgres -D DATA/postgres
//
// The process has a session of its own, so that Ctrl-C in our terminal does not reach it before us.
// It outlives us when we are killed: the next start finds it by postmaster.pid.
//
// Lifetime   the destructor leaves the process running.
// Threading  one thread at a time, but signal() and pid() from any.
#pragma once

#include <atomic>
#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "cluster/process.h"
#include "cluster/server_binaries.h"

namespace atlas::cluster {

class Postmaster {
public:
    Postmaster(ServerBinaries binaries, ServerUser user, std::filesystem::path cluster,
               std::filesystem::path socket_lock, std::filesystem::path log)
        : binaries_(std::move(binaries)),
          user_(std::move(user)),
          cluster_(std::move(cluster)),
          socket_lock_(std::move(socket_lock)),
          log_(std::move(log)) {}

    // Takes over a server that already runs on this cluster. False when there is none; then stale
    // lock files are removed.
    bool adopt();
    // Starts it with settings that no file can override ("fsync=on"), and returns before it is
    // ready. Throws StartupError.
    void start(const std::vector<std::string>& settings);
    // Whether it serves, but not on the socket that it would have if we had started it.
    bool serves_elsewhere() const;
    // Waits for its end, at most `wait`. True when it has ended, or never ran.
    bool ended(std::chrono::milliseconds wait);
    // The exit code of the latest server that ended; nullopt: it was killed, or taken over.
    std::optional<int> exit_code() const { return exit_code_; }
    // SIGINT: fast shutdown, SIGQUIT: immediate, SIGHUP: read the settings again.
    void signal(int number) const;
    pid_t pid() const { return pid_.load(); }

    // Why it ended: the last fatal line in its log since it was started that is not about a
    // session; empty when there is none.
    std::string last_complaint() const;
    // Copies the log to log.1 and empties it, if it is larger than `limit_bytes`.
    void rotate_log(std::uintmax_t limit_bytes) const;

private:
    pid_t server_in(const std::filesystem::path& lock_file) const;

    const ServerBinaries binaries_;
    const ServerUser user_;
    const std::filesystem::path cluster_;
    const std::filesystem::path socket_lock_;
    const std::filesystem::path log_;
    std::atomic<pid_t> pid_{-1};
    std::optional<int> exit_code_;
    std::uintmax_t log_begin_ = 0;
};

}  // namespace atlas::cluster
