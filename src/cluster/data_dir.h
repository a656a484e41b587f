// SPDX-License-Identifier: Apache-2.0
//
// Keeps one folder for one running Atlas, which has everything of its private PostgreSQL in it:
//
//     DATA/atlas.lock     held by the running `atlas up`
//     DATA/postgres/      the cluster, of the server's user alone
//     DATA/postgres.log   the server's log, and postgres.log.1 before it
//
// The socket is in DATA/postgres, which no other user can enter, so sessions need no password.
// Where that path is too long for a socket, it is in a private folder elsewhere.
//
// Lifetime   open() holds the lock until destruction; the kernel releases it when we are killed.
// Threading  one thread at a time; the functions from any.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "cluster/process.h"

namespace atlas::cluster {

class DataDir {
public:
    // Creates the folder unless it exists, checks that we and the server's user can use it, and
    // locks it, for which it waits at most `wait`. Throws StartupError: not ours, not writable, not
    // traversable, in use by another Atlas, less than 256 MB free.
    static DataDir open(const std::filesystem::path& path, const ServerUser& user,
                        std::chrono::milliseconds wait = {});

    DataDir(DataDir&& other) noexcept;
    DataDir& operator=(DataDir&&) = delete;
    DataDir(const DataDir&) = delete;
    DataDir& operator=(const DataDir&) = delete;
    ~DataDir();

    const std::filesystem::path& root() const { return root_; }
    std::filesystem::path cluster() const { return root_ / "postgres"; }
    std::filesystem::path log() const { return root_ / "postgres.log"; }

private:
    DataDir(std::filesystem::path root, int lock) : root_(std::move(root)), lock_(lock) {}

    std::filesystem::path root_;
    int lock_ = -1;
};

// $XDG_DATA_HOME/atlas, /var/lib/atlas for root, else ~/.local/share/atlas.
std::filesystem::path default_data_dir();

// The folder of the socket of this data folder's cluster. Depends on path, user and XDG_RUNTIME_DIR
// alone, so that every command finds it.
std::filesystem::path socket_dir(const std::filesystem::path& root, const ServerUser& user);
// Creates that folder where it is not the cluster itself. Throws StartupError when another user's
// folder has that name.
void make_socket_dir(const std::filesystem::path& root, const ServerUser& user);

// The conninfo of a role on that socket; the port is part of the socket's name.
std::string socket_conninfo(const std::filesystem::path& root, const ServerUser& user, int port,
                            std::string_view role, std::string_view database);

}  // namespace atlas::cluster
