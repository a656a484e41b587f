// SPDX-License-Identifier: Apache-2.0
#include "cluster/process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "base/startup_error.h"

extern char** environ;

namespace atlas::cluster {
namespace {

std::optional<ServerUser> user_named(const char* name) {
    std::array<char, 4096> strings{};
    passwd entry{};
    passwd* found = nullptr;
    getpwnam_r(name, &entry, strings.data(), strings.size(), &found);
    if (found == nullptr) return std::nullopt;
    return ServerUser{.uid = entry.pw_uid, .gid = entry.pw_gid, .name = name, .switched = true};
}

std::vector<char*> pointers(std::vector<std::string>& strings) {
    std::vector<char*> result;
    result.reserve(strings.size() + 1);
    for (auto& text : strings) result.push_back(text.data());
    result.push_back(nullptr);
    return result;
}

std::vector<std::string> clean_environment() {
    std::vector<std::string> kept;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string_view text = *entry;
        if (text.starts_with("PG") || text.starts_with("LC_") || text.starts_with("LANG")) continue;
        // PostgreSQL would tell the service manager that it, and so Atlas, is ready.
        if (text.starts_with("NOTIFY_SOCKET=")) continue;
        kept.emplace_back(text);
    }
    kept.emplace_back("LC_ALL=C.UTF-8");
    return kept;
}

// Everything the child needs, allocated before the fork.
struct Prepared {
    std::vector<char*> argv;
    std::vector<char*> environment;
    int null = -1;
    int output = -1;
};

// Everything but the standard three, also what a library opened without O_CLOEXEC.
void close_the_rest() {
    constexpr unsigned kFirst = STDERR_FILENO + 1;
    if (syscall(SYS_close_range, kFirst, ~0U, 0U) == 0) return;
    rlimit limit{};  // a kernel before 5.9
    getrlimit(RLIMIT_NOFILE, &limit);
    for (rlim_t file = kFirst; file < limit.rlim_cur; ++file) close(static_cast<int>(file));
}

[[noreturn]] void become(const ProcessSpec& spec, const Prepared& prepared) {
    const auto check = [](int result) {
        if (result < 0) _exit(127);
    };
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    signal(SIGPIPE, SIG_DFL);
    if (spec.own_session) check(setsid());
    check(dup2(prepared.null, STDIN_FILENO));
    check(dup2(prepared.output, STDOUT_FILENO));
    check(dup2(prepared.output, STDERR_FILENO));
    close_the_rest();
    if (spec.user.switched) {
        check(setgroups(1, &spec.user.gid));
        check(setgid(spec.user.gid));
        check(setuid(spec.user.uid));
    }
    if (spec.parent_death_signal != 0) check(prctl(PR_SET_PDEATHSIG, spec.parent_death_signal));
    // Our working directory may be closed to the other user.
    check(chdir("/"));
    execve(prepared.argv[0], prepared.argv.data(), prepared.environment.data());
    _exit(127);
}

int shell_status(int status) {
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

ServerUser server_user() {
    if (geteuid() != 0) return {.uid = geteuid(), .gid = getegid(), .name = {}, .switched = false};
    for (const char* name : {"postgres", "nobody"}) {
        if (auto user = user_named(name)) return *user;
    }
    throw StartupError(
        "PostgreSQL refuses to run as root and there is no user postgres or nobody; run atlas as "
        "an "
        "ordinary user");
}

pid_t spawn(const ProcessSpec& spec) {
    std::vector<std::string> argv = spec.argv;
    std::vector<std::string> environment = clean_environment();
    Prepared prepared{.argv = pointers(argv),
                      .environment = pointers(environment),
                      .null = open("/dev/null", O_RDWR | O_CLOEXEC),
                      .output = spec.output};
    if (prepared.output < 0) prepared.output = prepared.null;
    const pid_t pid = fork();
    if (pid == 0) become(spec, prepared);
    const int error = errno;
    if (prepared.null >= 0) close(prepared.null);
    if (pid < 0) {
        throw StartupError(fmt::format("cannot start {}: {}", spec.argv[0], std::strerror(error)));
    }
    return pid;
}

RunResult run(ProcessSpec spec) {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) {
        throw StartupError(fmt::format("cannot create a pipe: {}", std::strerror(errno)));
    }
    spec.output = ends[1];
    pid_t pid = -1;
    try {
        pid = spawn(spec);
    } catch (...) {
        close(ends[0]);
        close(ends[1]);
        throw;
    }
    close(ends[1]);
    constexpr std::size_t kKept = 64U << 10U;
    RunResult result;
    std::array<char, 4096> piece{};
    for (;;) {
        const ssize_t got = read(ends[0], piece.data(), piece.size());
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) break;
        if (result.output.size() < kKept) {
            result.output.append(piece.data(), static_cast<std::size_t>(got));
        }
    }
    close(ends[0]);
    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    result.status = shell_status(status);
    return result;
}

bool wait_for_exit(pid_t pid, std::chrono::milliseconds timeout, std::optional<int>* status) {
    const int descriptor = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
    if (descriptor < 0) return errno == ESRCH;
    pollfd waited{.fd = descriptor, .events = POLLIN, .revents = 0};
    const int ready = poll(&waited, 1, static_cast<int>(timeout.count()));
    close(descriptor);
    if (ready <= 0) return false;
    int ended = 0;  // ours is reaped; of others there is nothing to reap
    if (waitpid(pid, &ended, WNOHANG) == pid && status != nullptr) *status = ended;
    return true;
}

}  // namespace atlas::cluster
