// SPDX-License-Identifier: Apache-2.0
//
// The private PostgreSQL of `atlas up`: made on first use, tuned for the machine, supervised,
// stopped with us, and found again when we were killed.
//
//     atlas up → [EmbeddedCluster] → Postmaster → postgres
//
// Roles: `postgres` is superuser and only used here, to create role and database `atlas`;
// everything else belongs to `atlas`, an ordinary role that may create roles. Gateways are
// `atlas_service`, a member of `atlas_gateway`.
//
// Lifetime   start() once; stop() ends the server; destruction without stop() ends it, too.
// Threading  start() and stop() from one thread; a thread of its own watches the server.
#pragma once

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "cluster/data_dir.h"
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
    int port = 5432;               // also names the socket
};

class EmbeddedCluster {
public:
    EmbeddedCluster(EmbeddedOptions options, observe::Registry& registry);
    EmbeddedCluster(const EmbeddedCluster&) = delete;
    EmbeddedCluster& operator=(const EmbeddedCluster&) = delete;
    ~EmbeddedCluster();

    // Returns when the database `atlas` can be used. Throws StartupError, whose one line says what
    // to do. `give_up` is asked every 50 ms; when it says true, start() throws.
    void start(const std::function<bool()>& give_up = [] { return false; });
    // Fast shutdown: sessions are ended, a checkpoint is written. Blocks until the server is gone.
    void stop();
    // While stop() blocks, from another thread: do not wait for the checkpoint.
    void hurry();

    // As the owner of the database.
    std::string conninfo() const;
    // As a role with the rights of a gateway and no more. Call it once the schema is there; makes
    // the role. Throws StartupError.
    std::string gateway_conninfo();
    const std::filesystem::path& root() const { return data_->root(); }
    pid_t pid() const { return postmaster_->pid(); }
    bool adopted() const { return adopted_; }

private:
    void make_cluster();
    void write_settings();
    void wait_until_ready(const std::function<bool()>& give_up);
    void bootstrap();
    void supervise();
    void look_at_disk();
    bool restart_after(std::chrono::milliseconds delay);
    pg::Expected<pg::Connection> open_as_superuser(std::string_view database) const;
    bool supports_lz4() const;

    const EmbeddedOptions options_;
    observe::Counter restarts_;
    observe::Gauge disk_free_;
    observe::Event disk_filling_;
    ServerUser user_;
    std::optional<DataDir> data_;
    std::optional<ServerBinaries> binaries_;
    std::optional<Postmaster> postmaster_;
    bool adopted_ = false;
    bool statements_ = false;

    std::mutex mutex_;
    std::condition_variable wake_;
    bool stopping_ = false;
    std::atomic<bool> hurried_{false};
    std::thread watcher_;
};

}  // namespace atlas::cluster
