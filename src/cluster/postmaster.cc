// SPDX-License-Identifier: Apache-2.0
#include "cluster/postmaster.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "base/startup_error.h"

namespace atlas::cluster {
namespace fs = std::filesystem;
namespace {

// The working directory of a postmaster is its data directory, and its program is called postgres.
bool serves(pid_t pid, const fs::path& cluster) {
    std::error_code error;
    const auto directory = fs::read_symlink(fmt::format("/proc/{}/cwd", pid), error);
    if (error || directory != cluster) return false;
    std::string name;
    std::getline(std::ifstream(fmt::format("/proc/{}/comm", pid)), name);
    return name == "postgres" || name == "postmaster";
}

// Fatal for one session, not for the server.
bool is_about_a_session(std::string_view line) {
    for (const std::string_view text :
         {"the database system is", "terminating ", "canceling ", "too many clients",
          "connection slots", "authentication failed", "role \"", "database \""}) {
        if (line.find(text) != std::string_view::npos) return true;
    }
    return false;
}

bool is_complaint(std::string_view line) {
    const bool fatal = line.find("FATAL:") != std::string_view::npos ||
                       line.find("PANIC:") != std::string_view::npos ||
                       line.starts_with("postgres: ");
    return fatal && !is_about_a_session(line);
}

// Without the time and process id in front.
std::string bare(const std::string& line) {
    for (const std::string_view mark : {"FATAL:", "PANIC:", "LOG:", "ERROR:"}) {
        const auto at = line.find(mark);
        if (at == std::string::npos) continue;
        const auto text = line.find_first_not_of(' ', at + mark.size());
        return text == std::string::npos ? line : line.substr(text);
    }
    return line;
}

}  // namespace

// The process that a lock file names, if that is a server of this cluster. Else the file is stale
// and removed: its number may now belong to another program, or to a zombie that no parent reaps,
// and the server would refuse to start beside either.
pid_t Postmaster::server_in(const fs::path& lock_file) const {
    pid_t found = 0;
    if (!(std::ifstream(lock_file) >> found) || found <= 0) return -1;
    if (serves(found, cluster_)) return found;
    std::error_code ignored;
    fs::remove(lock_file, ignored);
    return -1;
}

bool Postmaster::adopt() {
    const pid_t found = server_in(cluster_ / "postmaster.pid");
    if (found <= 0) {
        server_in(socket_lock_);
        return false;
    }
    pid_ = found;
    std::error_code none_yet;
    const auto size = fs::file_size(log_, none_yet);
    log_begin_ = none_yet ? 0 : size;
    return true;
}

void Postmaster::start(const std::vector<std::string>& settings) {
    const int log = open(log_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (log < 0) {
        throw StartupError(fmt::format("cannot write {}: {}", log_.string(), std::strerror(errno)));
    }
    const auto end = lseek(log, 0, SEEK_END);
    log_begin_ = end < 0 ? 0 : static_cast<std::uintmax_t>(end);
    std::vector<std::string> argv{binaries_.postgres(), "-D", cluster_};
    for (const auto& setting : settings) {
        argv.emplace_back("-c");
        argv.push_back(setting);
    }
    try {
        pid_ = spawn({.argv = std::move(argv), .user = user_, .output = log, .own_session = true});
    } catch (...) {
        close(log);
        throw;
    }
    close(log);
}

bool Postmaster::serves_elsewhere() const {
    constexpr int kLineOfStatus = 8;
    std::ifstream file(cluster_ / "postmaster.pid");
    std::string status;
    for (int line = 0; line < kLineOfStatus; ++line) {
        if (!std::getline(file, status)) return false;
    }
    if (!status.starts_with("ready")) return false;
    pid_t on_socket = 0;
    return !(std::ifstream(socket_lock_) >> on_socket) || on_socket != pid_;
}

bool Postmaster::ended(std::chrono::milliseconds wait) {
    if (pid_ <= 0) return true;
    std::optional<int> status;
    if (!wait_for_exit(pid_, wait, &status)) return false;
    exit_code_.reset();
    if (status && WIFEXITED(*status)) exit_code_ = WEXITSTATUS(*status);
    pid_ = -1;
    return true;
}

void Postmaster::signal(int number) const {
    const pid_t pid = pid_;
    if (pid > 0) kill(pid, number);
}

std::string Postmaster::last_complaint() const {
    std::ifstream log(log_);
    std::error_code error;
    // A rotation may have emptied the log since.
    if (fs::file_size(log_, error) >= log_begin_ && !error) {
        log.seekg(static_cast<std::streamoff>(log_begin_));
    }
    std::string complaint;
    for (std::string line; std::getline(log, line);) {
        if (is_complaint(line)) complaint = bare(line);
    }
    return complaint;
}

void Postmaster::rotate_log(std::uintmax_t limit_bytes) const {
    std::error_code error;
    const auto size = fs::file_size(log_, error);
    if (error || size <= limit_bytes) return;
    // The server keeps the file open for appending, so it is emptied, not renamed.
    fs::path previous = log_;
    previous += ".1";
    fs::copy_file(log_, previous, fs::copy_options::overwrite_existing, error);
    if (!error) fs::resize_file(log_, 0, error);
}

}  // namespace atlas::cluster
