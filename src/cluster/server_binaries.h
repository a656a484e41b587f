// SPDX-License-Identifier: Apache-2.0
//
// Finds the programs of a PostgreSQL server on this machine: initdb and postgres.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace atlas::cluster {

inline constexpr int kOldestServer = 15;

struct ServerBinaries {
    std::filesystem::path dir;
    int major = 0;

    std::string initdb() const { return dir / "initdb"; }
    std::string postgres() const { return dir / "postgres"; }
};

// The newest server of at least version 15 among: `wanted_dir` alone when it is not empty; else
// pg_config's, Debian's and Red Hat's directories, and PATH. With `major`, exactly that version:
// the one that an existing cluster was made with. Throws StartupError, which says what to install.
ServerBinaries find_server(const std::filesystem::path& wanted_dir = {},
                           std::optional<int> major = std::nullopt);

// 15 of "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)"; nullopt for anything else.
std::optional<int> parse_server_version(std::string_view text);

}  // namespace atlas::cluster
