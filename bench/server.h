// SPDX-License-Identifier: Apache-2.0
//
// A running `atlas up` of the benchmark's own: private data, a free port, no collector.
//
// Lifetime   the process and its data end with this, and what else is in its folder.
// Threading  client() and database() from any thread; their results belong to one thread each.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

#include "bench/bench.h"
#include "client/http_client.h"
#include "pg/connection.h"

namespace atlas::bench {

// A new folder there, which the Unix user of a server can reach.
std::filesystem::path make_folder(const std::string& parent);

// Of a process of this machine.
std::int64_t resident_bytes(pid_t pid);

class Server {
public:
    // Blocks until it is ready; throws std::runtime_error with its output when it ends before that.
    // `options` of the configuration, "name=value". Unless they say otherwise the log is not
    // followed, by the live index neither: what that costs has benchmarks of its own.
    explicit Server(const Settings& settings,
                    const std::vector<std::string>& options = {"analytics.enabled=false"});
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    // Ends the process and starts one with these options over the same data, at another address.
    void restart(const std::vector<std::string>& options);

    const std::string& url() const { return url_; }
    const std::filesystem::path& folder() const { return dir_; }
    client::HttpClient client(const std::string& tenant = {}) const;
    std::string conninfo() const;  // as the owner
    // As the owner, or a role that may CHECKPOINT; without time limits.
    pg::Connection database(bool superuser = false) const;
    std::int64_t resident_bytes() const { return bench::resident_bytes(pid_); }

    // A partition for each of 365 days, fewer in a small run.
    void attach_partitions() const;

private:
    void start(const std::vector<std::string>& options);
    void stop();
    void read_until_ready(int descriptor);

    std::string program_;
    std::filesystem::path dir_;
    std::int64_t days_;
    std::string url_;
    pid_t pid_ = -1;
};

// Runs SQL and throws std::runtime_error with the message when it fails.
pg::Rows must(pg::Expected<pg::Rows> rows);

// Sizes of all history with its indexes, and the position in the log.
std::int64_t history_bytes(pg::Connection& connection);
std::int64_t log_position(pg::Connection& connection);

}  // namespace atlas::bench
