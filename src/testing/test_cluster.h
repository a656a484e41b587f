// SPDX-License-Identifier: Apache-2.0
//
// A private PostgreSQL for the tests of one process: in a temporary folder, socket only, without
// fsync, gone when the process ends, however it ends. Shared memory lies in that folder, too: a
// killed server would leave it in /dev/shm.
//
//     const std::string conninfo = TestCluster::shared().make_database();
//     auto connection = pg::Connection::open(conninfo, {}).value();
//
// Lifetime   shared() starts on first use and stops at exit.
// Threading  start it from the main thread (the server ends with the thread that started it);
//            make_database() from any thread.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <mutex>
#include <string>
#include <string_view>

#include "cluster/process.h"
#include "cluster/server_binaries.h"

namespace atlas::test {

class TestCluster {
public:
    // The one server of this process. The first call creates and starts it, in a second or two;
    // throws when that fails.
    static TestCluster& shared();

    TestCluster();
    TestCluster(const TestCluster&) = delete;
    TestCluster& operator=(const TestCluster&) = delete;
    ~TestCluster();

    // The conninfo of a new database with all migrations and objects, owned by the ordinary role
    // `atlas`. About 50 ms.
    std::string make_database();
    // The conninfo of a new database without anything in it, same owner.
    std::string make_empty_database();
    // The same database as `role` (every role may connect without a password).
    std::string as_role(std::string_view conninfo, std::string_view role) const;
    std::string as_superuser(std::string_view conninfo) const { return as_role(conninfo, "root"); }
    // The same database as a role that may follow its log and do nothing else.
    std::string as_replication(std::string_view conninfo) const {
        return as_role(conninfo, "atlas_replication");
    }

    // Drops the replication slots of a database, which are the server's, so that no test leaves
    // one. Waits for those that are read: the server notices the end of a session a moment later.
    [[nodiscard]] bool drop_slots(std::string_view conninfo) const;

    // kill -9 of the whole server: postmaster and all its children.
    void kill();
    // Clean stop, open sessions are ended.
    void stop();
    // Starts it after kill() or stop(), and waits until it accepts connections.
    void start();
    bool running() const { return pid_ > 0; }
    pid_t pid() const { return pid_; }
    const std::filesystem::path& dir() const { return dir_; }

private:
    std::string conninfo(std::string_view database, std::string_view role) const;
    void run_sql(std::string_view database, std::string_view sql);
    std::string new_database(std::string_view from);
    void make_template();
    void init();

    cluster::ServerBinaries binaries_;
    cluster::ServerUser user_;
    std::filesystem::path dir_;
    pid_t pid_ = -1;
    std::mutex mutex_;
    int databases_ = 0;
    bool template_made_ = false;
};

}  // namespace atlas::test
