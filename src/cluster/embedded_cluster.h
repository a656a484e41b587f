// SPDX-License-Identifier: Apache-2.0
//
// Gives `atlas up` a database without an installation by hand: a private PostgreSQL, created on
// first use, tuned for the machine, supervised, stopped with us, and taken over after we were
// killed.
//
//     atlas up → [EmbeddedCluster] → Postmaster → postgres
//
// Roles: `postgres` is the superuser, used here to create the role and the database `atlas`, and by
// `atlas dsn --role admin`. Everything else belongs to `atlas`, an ordinary role that may create
// roles and stream the log. Gateways are `atlas_service`, a member of `atlas_gateway`; people who
// read are `atlas_viewer`, a member of `atlas_reader`.
//
// A server that ends is restarted after 100 ms, then after twice as long each time, up to 10 s.
// Before each start the processes that a killed one left behind are ended (cluster/leftovers.h).
//
// What acknowledgement rests on, and where the server listens and logs, is on its command line,
// where neither user.conf nor ALTER SYSTEM reaches it. A server taken over that was started without
// it is restarted.
//
// Lifetime   start() once; stop() ends the server, and so does the destructor. The registry
//            outlives it.
// Threading  start() and stop() from one thread, hurry() from another; a thread of its own watches
//            the server.
#pragma once

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "cluster/data_dir.h"
#include "cluster/leftovers.h"
#include "cluster/postmaster.h"
#include "cluster/server_settings.h"
#include "observe/log.h"
#include "observe/metrics.h"
#include "pg/error.h"

namespace atlas::pg {
class Connection;
}

namespace atlas::cluster {

struct EmbeddedOptions {
    std::filesystem::path data;    // empty: default_data_dir()
    std::filesystem::path pg_bin;  // empty: searched for
    std::string listen_address;    // empty: no TCP
    int port;                      // also names the socket
};

class EmbeddedCluster {
public:
    EmbeddedCluster(EmbeddedOptions options, observe::Registry& registry);
    EmbeddedCluster(const EmbeddedCluster&) = delete;
    EmbeddedCluster& operator=(const EmbeddedCluster&) = delete;
    ~EmbeddedCluster();

    // Polled every 50 ms or more often; when it returns true, what waits for the server throws.
    using GiveUp = std::function<bool()>;

    // Returns when the database `atlas` can be used: seconds, or as long as it takes: crash
    // recovery, the end of a dead server's processes, a server that is killed meanwhile. Throws
    // StartupError, whose one line says what to do, for what waiting does not change.
    void start(const GiveUp& give_up = [] { return false; });
    // Fast shutdown: sessions are ended, PostgreSQL's checkpoint is written. Blocks until the
    // server has ended, at most two minutes; then it is ended without a checkpoint, to recover at
    // the next start. A second call does nothing.
    void stop();
    // While stop() blocks, from another thread: do not wait for the checkpoint.
    void hurry();

    // After start(). As the owner of the database.
    std::string conninfo() const;
    // As a role with the rights of a gateway and no more, which is created when it is missing. The
    // schema has to be there. Blocks for some round trips, or until the server is back. Throws
    // StartupError.
    std::string gateway_conninfo(const GiveUp& give_up = [] { return false; });
    const std::filesystem::path& root() const { return data_->root(); }
    pid_t pid() const { return postmaster_->pid(); }

private:
    void make_cluster();
    void write_settings();
    bool begin(const GiveUp& give_up);
    void wait_until_ready(const GiveUp& give_up);
    void say_not_ready(bool slow, const std::string& reason) const;
    void begin_again(const GiveUp& give_up, std::chrono::milliseconds delay);
    void insist(const GiveUp& give_up, const std::function<pg::Expected<void>()>& step);
    pg::Expected<void> bootstrap();
    pg::Expected<void> restart_if_loose(pg::Connection& server);
    void supervise();
    void look_at_disk();
    bool restart_after(std::chrono::milliseconds delay);
    pg::Expected<pg::Connection> open_as_superuser(std::string_view database) const;
    bool accepts(std::string_view setting) const;

    const EmbeddedOptions options_;
    observe::Counter restarts_;
    observe::Gauge disk_free_;
    observe::Event disk_filling_;
    ServerUser user_;
    std::optional<DataDir> data_;
    std::optional<ServerBinaries> binaries_;
    std::optional<Postmaster> postmaster_;
    std::optional<Leftovers> leftovers_;
    std::vector<std::string> fixed_settings_;  // of the command line
    bool adopted_ = false;                     // the server was already running
    bool statements_ = false;

    std::mutex mutex_;
    std::condition_variable wake_;
    bool stopping_ = false;
    std::atomic<bool> hurried_{false};
    std::thread watcher_;
};

}  // namespace atlas::cluster
