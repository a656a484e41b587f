// SPDX-License-Identifier: Apache-2.0
#include "cluster/leftovers.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "cluster/process.h"
#include "observe/log.h"

namespace atlas::cluster {
namespace fs = std::filesystem;
namespace {

using namespace std::chrono_literals;

constexpr auto kQuitAfter = 5s;
constexpr auto kKillAfter = 60s;
constexpr auto kSayEvery = 5s;
constexpr int kSharedMemoryLine = 7;  // of postmaster.pid: key and number

std::optional<pid_t> pid_of(const fs::path& folder) {
    const std::string name = folder.filename();
    pid_t pid = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (error != std::errc{} || end != name.data() + name.size()) return std::nullopt;
    return pid;
}

// Whether the process maps System V shared memory: segment `number`, or any where that is empty.
//
//     7f1c2a400000-7f1c2a401000 rw-s 00000000 00:01 32768      /SYSV0052e2c1 (deleted)
bool maps_shared_memory(pid_t pid, const std::string& number) {
    std::ifstream maps(fmt::format("/proc/{}/maps", pid));
    for (std::string line; std::getline(maps, line);) {
        if (line.find("/SYSV") == std::string::npos) continue;
        std::istringstream words(line);
        std::string addresses, rights, offset, device, inode;
        words >> addresses >> rights >> offset >> device >> inode;
        if (number.empty() || inode == number) return true;
    }
    return false;
}

// What it says of itself: "postgres: atlas atlas [local] SELECT".
std::string title_of(pid_t pid) {
    std::string title;
    std::getline(std::ifstream(fmt::format("/proc/{}/cmdline", pid)), title, '\0');
    return title;
}

const char* name_of(int number) {
    if (number == SIGTERM) return "SIGTERM";
    return number == SIGQUIT ? "SIGQUIT" : "SIGKILL";
}

}  // namespace

void Leftovers::identify() {
    single_user_ = 0;
    std::ifstream file(cluster_ / "postmaster.pid");
    std::string line;
    for (int i = 1; i <= kSharedMemoryLine; ++i) {
        if (!std::getline(file, line)) return;
        if (i == 1 && line.starts_with('-')) single_user_ = std::atoi(line.c_str() + 1);
    }
    std::string key, number;
    if (std::istringstream(line) >> key >> number) shared_memory_ = number;
}

bool Leftovers::is_leftover(pid_t pid) const {
    if (pid == single_user_) return false;
    const std::string folder = fmt::format("/proc/{}", pid);
    std::string program;
    std::getline(std::ifstream(folder + "/comm"), program);
    if (program != "postgres") return false;
    std::error_code error;
    if (fs::read_symlink(folder + "/cwd", error) != cluster_ || error) return false;
    return maps_shared_memory(pid, shared_memory_);
}

std::vector<pid_t> Leftovers::find() const {
    std::vector<pid_t> found;
    std::error_code error;
    for (fs::directory_iterator at("/proc", error), end; !error && at != end; at.increment(error)) {
        const auto pid = pid_of(at->path());
        if (pid && is_leftover(*pid)) found.push_back(*pid);
    }
    return found;
}

// Through a descriptor of the process, whose number may pass to another meanwhile.
void Leftovers::signal(pid_t pid, int number) {
    if (sent_[pid] == number) return;
    const int process = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
    if (process < 0) return;
    if (is_leftover(pid)) {
        observe::log_warning("sending {} to process {} of the PostgreSQL that died: {}",
                             name_of(number), pid, title_of(pid));
        syscall(SYS_pidfd_send_signal, process, number, nullptr, 0);
        sent_[pid] = number;
    }
    close(process);
}

void Leftovers::say(const std::vector<pid_t>& left) {
    if (Clock::now() < say_at_) return;
    observe::log_warning("waiting for processes of the PostgreSQL that died, to start another: {}",
                         fmt::join(left, ", "));
    say_at_ = Clock::now() + kSayEvery;
}

bool Leftovers::ended(std::chrono::milliseconds wait) {
    const auto left = find();
    if (left.empty()) {
        sent_.clear();
        since_.reset();
        return true;
    }
    const auto now = Clock::now();
    if (!since_) {
        since_ = now;
        say_at_ = now + kSayEvery;
    }
    const auto passed = now - *since_;
    const int number = passed < kQuitAfter ? SIGTERM : passed < kKillAfter ? SIGQUIT : SIGKILL;
    for (const pid_t pid : left) signal(pid, number);
    say(left);
    wait_for_exit(left.front(), wait);
    return false;
}

}  // namespace atlas::cluster
