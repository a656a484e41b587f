// SPDX-License-Identifier: Apache-2.0
//
// Finds the programs of a PostgreSQL server on this machine: initdb and postgres.
//
//     --pg-bin, PATH, well-known folders → [find_server] → EmbeddedCluster
//
// Lifetime   functions without state.
// Threading  any thread; find_server() blocks while it asks each program found for its version.
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

// The newest server of at least version 15 in `wanted_dir` when that is not empty, else in PATH and
// in the folders of pg_config, Debian and Red Hat. With `major`, exactly that version: the one that
// created an existing cluster. Throws StartupError, which says what to install.
ServerBinaries find_server(const std::filesystem::path& wanted_dir = {},
                           std::optional<int> major = std::nullopt);

// 15 of "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)"; nullopt for anything else.
std::optional<int> parse_server_version(std::string_view text);

}  // namespace atlas::cluster
