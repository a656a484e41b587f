// SPDX-License-Identifier: Apache-2.0
//
// Runs the programs of a PostgreSQL installation, as an unprivileged user where we are root,
// because PostgreSQL refuses to run as root.
//
// Threading  any thread; between fork and exec only async-signal-safe calls are made.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace atlas::cluster {

// Whom the server runs as.
struct ServerUser {
    uid_t uid = 0;
    gid_t gid = 0;
    std::string name;
    bool switched = false;  // we are root and must become this user
};

// Ourselves, or, when we are root, `postgres`, else `nobody`. Throws StartupError when root finds
// neither.
ServerUser server_user();

struct ProcessSpec {
    std::vector<std::string> argv;  // argv[0] is a path
    ServerUser user;
    int output = -1;              // descriptor for stdout and stderr; -1 is /dev/null
    bool own_session = false;     // out of reach of the terminal's signals
    int parent_death_signal = 0;  // sent when the starting thread ends; 0 for none
};

// Starts it and returns its pid. Throws StartupError when it cannot be started. Not handed
// on from the environment: variables that begin with PG, which are meant for clients, the locale,
// and NOTIFY_SOCKET, on which only we speak.
pid_t spawn(const ProcessSpec& spec);

struct RunResult {
    int status = 0;  // as the shell has it: exit code, or 128 + signal
    std::string output;
};

// Runs it to its end and returns what it wrote (at most 64 KiB are kept).
RunResult run(ProcessSpec spec);

// Waits for a process to end, child or not. False when it still runs after `timeout`.
bool wait_for_exit(pid_t pid, std::chrono::milliseconds timeout);

}  // namespace atlas::cluster
