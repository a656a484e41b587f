// SPDX-License-Identifier: Apache-2.0
//
// Runs the programs of a PostgreSQL installation, as an unprivileged user where we are root,
// because PostgreSQL refuses to run as root.
//
//     server_binaries, Postmaster, EmbeddedCluster → [these] → initdb, pg_config, postgres
//
// Lifetime   functions without state; a process outlives them unless run() waited for it.
// Threading  any thread; between fork and exec only async-signal-safe calls are made.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace atlas::cluster {

// The user that the server runs as.
struct ServerUser {
    uid_t uid = 0;
    gid_t gid = 0;
    std::string name;
    bool switched = false;  // we are root and must become this user
};

// Our own user or, when we are root, `postgres`, else `nobody`. Throws StartupError when we are
// root and neither exists.
ServerUser server_user();

struct ProcessSpec {
    std::vector<std::string> argv;  // argv[0] is a path
    ServerUser user;
    int output = -1;              // descriptor for stdout and stderr; -1 is /dev/null
    bool own_session = false;     // the terminal's signals do not reach it
    int parent_death_signal = 0;  // sent when the starting thread ends; 0 for none
};

// Starts it and returns its pid; a program that cannot be executed ends with status 127. Of our
// descriptors it gets `output` alone. Throws StartupError when the system has no room for a
// process. Variables of the environment that begin
// with PG are for clients and not passed on, nor is NOTIFY_SOCKET, on which only Atlas speaks; the
// locale is C.UTF-8.
pid_t spawn(const ProcessSpec& spec);

struct RunResult {
    int status = 0;  // as in a shell: exit code, or 128 + signal
    std::string output;
};

// Runs it to its end, however long that takes, and returns the first 64 KiB of what it wrote.
// Throws as spawn() does.
RunResult run(ProcessSpec spec);

// Waits for a process to end, child or not. False when it still runs after `timeout`. `status`, if
// given, is set to how a child ended, as waitpid() says it.
bool wait_for_exit(pid_t pid, std::chrono::milliseconds timeout,
                   std::optional<int>* status = nullptr);

}  // namespace atlas::cluster
