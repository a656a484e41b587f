// SPDX-License-Identifier: Apache-2.0
//
// Tunes the private PostgreSQL for its machine: memory, cores, disk, and what Atlas relies on.
//
//     machine_facts() → [render_settings] → DATA/postgres/atlas.conf
//
// atlas.conf is written at every start. A user's own settings go into user.conf beside it, which is
// read after it, or are set by ALTER SYSTEM, which overrides both. What acknowledgement and the log
// rest on, and what Atlas must know to reach the server and to read its complaints, is on the
// server's command line, which overrides all of these.
//
// Lifetime   functions without state.
// Threading  any thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace atlas::cluster {

struct MachineFacts {
    std::uint64_t memory_bytes = 0;     // of the machine, or of our cgroup when that is less
    std::uint64_t disk_free_bytes = 0;  // on the disk of the data
    unsigned cores = 1;
};
// What cannot be read counts as 0, or 1 core; render_settings() has lower bounds.
MachineFacts machine_facts(const std::filesystem::path& data);

struct ServerOptions {
    std::string cluster;  // its folder, absolute
    std::string socket_dir;
    int port = 5432;             // names the socket; TCP only when listen_address is set
    std::string listen_address;  // empty: no TCP
    bool lz4 = false;            // the server can compress with lz4
    bool statements = false;     // pg_stat_statements can be loaded
    bool plugin_list = false;    // the server has a list of allowed output plugins
};

// The settings of the command line: "fsync=on". sql/queries/cluster/find_loose_settings.sql checks
// that a running server has them.
std::vector<std::string> fixed_settings(const MachineFacts& machine, const ServerOptions& options);

// The text of atlas.conf.
std::string render_settings(const MachineFacts& machine, const ServerOptions& options);

}  // namespace atlas::cluster
