// SPDX-License-Identifier: Apache-2.0
#include "cluster/data_dir.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <utility>

#include "base/startup_error.h"

namespace atlas::cluster {
namespace fs = std::filesystem;
namespace {

constexpr std::uintmax_t kLeastFreeBytes = 256U << 20U;
constexpr std::size_t kSocketPathMax = 107;
constexpr std::string_view kSocketName = "/.s.PGSQL.65535";

[[noreturn]] void refuse(const std::string& text) {
    throw StartupError(text);
}

void make_root(const fs::path& root, const ServerUser& user) {
    std::error_code error;
    if (fs::is_directory(root, error)) return;
    if (fs::exists(root, error)) refuse(fmt::format("{} is not a folder", root.string()));
    fs::create_directories(root, error);
    if (error) {
        refuse(fmt::format("cannot create {}: {}; choose another folder with --data", root.string(),
                           error.message()));
    }
    // The server's user passes through to the cluster; it reads nothing here.
    fs::permissions(root, user.switched ? fs::perms(0711) : fs::perms(0700), error);
}

bool may_enter(const struct stat& dir, const ServerUser& user) {
    if (dir.st_uid == user.uid) return (dir.st_mode & S_IXUSR) != 0;
    if (dir.st_gid == user.gid) return (dir.st_mode & S_IXGRP) != 0;
    return (dir.st_mode & S_IXOTH) != 0;
}

// As root we can go anywhere, the server's user can't. The data folder itself is ours to open.
void check_traversable(const fs::path& root, const ServerUser& user) {
    if (!user.switched) return;
    fs::path at;
    for (const auto& part : root) {
        at /= part;
        struct stat dir{};
        if (stat(at.c_str(), &dir) != 0 || may_enter(dir, user)) continue;
        if (at == root && chmod(at.c_str(), (dir.st_mode & 07777) | S_IXOTH) == 0) continue;
        refuse(fmt::format(
            "PostgreSQL runs as user {0}, who cannot enter {1}; run `chmod o+x {1}` or choose "
            "another folder with --data",
            user.name, at.string()));
    }
}

bool lock_within(int descriptor, std::chrono::milliseconds wait) {
    const auto until = std::chrono::steady_clock::now() + wait;
    while (flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
        if (std::chrono::steady_clock::now() >= until) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return true;
}

int lock(const fs::path& root, std::chrono::milliseconds wait) {
    const fs::path path = root / "atlas.lock";
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor < 0 && errno == ENOSPC) {
        refuse(fmt::format("the disk of {} is full; free some space", root.string()));
    }
    if (descriptor < 0) {
        refuse(
            fmt::format("cannot write to {}: {}; choose another folder with --data or change "
                        "its owner",
                        root.string(), std::strerror(errno)));
    }
    if (lock_within(descriptor, wait)) return descriptor;
    close(descriptor);
    refuse(
        fmt::format("another atlas is running on {}; stop it or choose another folder with "
                    "--data",
                    root.string()));
}

void check_space(const fs::path& root) {
    std::error_code error;
    const auto space = fs::space(root, error);
    if (error || space.available >= kLeastFreeBytes) return;
    refuse(
        fmt::format("only {} MB are free on the disk of {}; free some space or choose another "
                    "folder with --data",
                    space.available >> 20U, root.string()));
}

void check_owner(const fs::path& cluster, const ServerUser& user) {
    struct stat dir{};
    if (stat(cluster.c_str(), &dir) != 0 || dir.st_uid == user.uid) return;
    refuse(
        fmt::format("{} belongs to another user (id {}); run atlas as that user, or choose another "
                    "folder with --data",
                    cluster.string(), dir.st_uid));
}

// FNV-1a: short, stable, and no secret.
std::uint64_t hash_of(std::string_view text) {
    std::uint64_t hash = 0xCBF29CE484222325ULL;
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
    return hash;
}

std::string conninfo_value(std::string_view text) {
    std::string out = "'";
    for (const char c : text) {
        if (c == '\'' || c == '\\') out += '\\';
        out += c;
    }
    return out + "'";
}

fs::path full_path(const fs::path& path) {
    std::error_code error;
    auto full = fs::weakly_canonical(fs::absolute(path), error);
    if (error) full = fs::absolute(path).lexically_normal();
    return full.filename().empty() ? full.parent_path() : full;
}

}  // namespace

DataDir DataDir::open(const fs::path& path, const ServerUser& user,
                      std::chrono::milliseconds wait) {
    const fs::path root = full_path(path);
    make_root(root, user);
    check_traversable(root, user);
    DataDir opened(root, lock(root, wait));
    check_owner(opened.cluster(), user);
    check_space(root);
    return opened;
}

DataDir::DataDir(DataDir&& other) noexcept
    : root_(std::move(other.root_)), lock_(std::exchange(other.lock_, -1)) {
}

DataDir::~DataDir() {
    if (lock_ >= 0) close(lock_);
}

fs::path default_data_dir() {
    const auto variable = [](const char* name) {
        const char* value = std::getenv(name);
        return std::string_view(value == nullptr ? "" : value);
    };
    if (const auto base = variable("XDG_DATA_HOME"); base.starts_with('/')) {
        return fs::path(base) / "atlas";
    }
    // root's home is closed to the user that PostgreSQL has to run as.
    if (geteuid() == 0 || variable("HOME").empty()) return "/var/lib/atlas";
    return fs::path(variable("HOME")) / ".local/share/atlas";
}

fs::path socket_dir(const fs::path& root, const ServerUser& user) {
    fs::path cluster = full_path(root) / "postgres";
    if (cluster.string().size() + kSocketName.size() <= kSocketPathMax) return cluster;
    const char* runtime = std::getenv("XDG_RUNTIME_DIR");
    const fs::path base =
        runtime != nullptr && !user.switched && std::string_view(runtime).size() < 60 ? runtime
                                                                                      : "/tmp";
    return base / fmt::format("atlas-{}-{:016x}", user.uid, hash_of(cluster.string()));
}

void make_socket_dir(const fs::path& root, const ServerUser& user) {
    const fs::path dir = socket_dir(root, user);
    if (dir == full_path(root) / "postgres") return;
    if (mkdir(dir.c_str(), 0700) == 0 && user.switched &&
        chown(dir.c_str(), user.uid, user.gid) != 0) {
        refuse(fmt::format("cannot give {} to user {}", dir.string(), user.name));
    }
    struct stat found{};
    if (lstat(dir.c_str(), &found) != 0 || !S_ISDIR(found.st_mode) || found.st_uid != user.uid ||
        (found.st_mode & 0077) != 0) {
        refuse(
            fmt::format("{} is needed for PostgreSQL's socket and is not a private folder of "
                        "ours; remove it, or choose a shorter path with --data",
                        dir.string()));
    }
}

std::string socket_conninfo(const fs::path& root, const ServerUser& user, int port,
                            std::string_view role, std::string_view database) {
    return fmt::format("host={} port={} dbname={} user={}",
                       conninfo_value(socket_dir(root, user).string()), port, database, role);
}

}  // namespace atlas::cluster
