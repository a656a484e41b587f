// SPDX-License-Identifier: Apache-2.0
//
// The settings of the private PostgreSQL, worked out from the machine it runs on.
//
//     machine_facts() → [render_settings] → DATA/postgres/atlas.conf
//
// atlas.conf is written anew at every start. What a user wants otherwise goes into user.conf beside
// it, which is read after it, or is set by ALTER SYSTEM, which wins over both.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace atlas::cluster {

struct MachineFacts {
    std::uint64_t memory_bytes = 0;     // of the machine, or of our cgroup when that is less
    std::uint64_t disk_free_bytes = 0;  // where the data is
    unsigned cores = 1;
};
MachineFacts machine_facts(const std::filesystem::path& data);

struct ServerOptions {
    std::string socket_dir;
    int port = 5432;             // names the socket; TCP only when listen_address is set
    std::string listen_address;  // empty: no TCP
    bool lz4 = false;            // the server can compress with lz4
    bool statements = false;     // pg_stat_statements can be loaded
};

std::string render_settings(const MachineFacts& machine, const ServerOptions& options);

}  // namespace atlas::cluster
