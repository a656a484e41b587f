// SPDX-License-Identifier: Apache-2.0
#include "cluster/server_settings.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <thread>

namespace atlas::cluster {
namespace {

constexpr std::uint64_t kMb = 1U << 20U;

std::uint64_t physical_memory() {
    return static_cast<std::uint64_t>(sysconf(_SC_PHYS_PAGES)) *
           static_cast<std::uint64_t>(sysconf(_SC_PAGE_SIZE));
}

// A container's limit; none, "max" or nothing readable leaves the machine's memory.
std::uint64_t memory_limit() {
    std::uint64_t limit = physical_memory();
    for (const char* path :
         {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"}) {
        std::uint64_t own = 0;
        if (std::ifstream(path) >> own && own > 0) limit = std::min(limit, own);
    }
    return limit;
}

std::string megabytes(std::uint64_t bytes, std::uint64_t least, std::uint64_t most) {
    return fmt::format("{}MB", std::clamp(bytes / kMb, least, most));
}

// A string of postgresql.conf.
std::string conf_string(std::string_view text) {
    std::string out = "'";
    for (const char c : text) {
        if (c == '\'' || c == '\\') out += c;
        out += c;
    }
    return out + "'";
}

std::string memory_part(const MachineFacts& machine) {
    const std::uint64_t memory = machine.memory_bytes;
    return fmt::format(
        "shared_buffers = {}\n"
        "effective_cache_size = {}\n"
        "maintenance_work_mem = {}\n"
        "work_mem = {}\n"
        "max_worker_processes = {}\n"
        "max_parallel_workers = {}\n"
        "max_parallel_workers_per_gather = {}\n",
        megabytes(memory / 6, 64, 8192), megabytes(memory / 2, 128, 1U << 20U),
        megabytes(memory / 32, 32, 1024), megabytes(memory / 512, 8, 64),
        std::max(8U, machine.cores), machine.cores, std::clamp(machine.cores / 2, 1U, 4U));
}

std::string log_part(const MachineFacts& machine, bool lz4) {
    const std::uint64_t disk = machine.disk_free_bytes;
    // Checkpoints by time, not by size: after each one every page is logged whole once. wal_level
    // is here, too, for who starts the server by hand: with the slot of the change stream it
    // refuses to start on less.
    return fmt::format(
        "wal_level = logical\n"
        "wal_buffers = 64MB\n"
        "max_wal_size = {}\n"
        "min_wal_size = {}\n"
        "checkpoint_timeout = 15min\n"
        "checkpoint_completion_target = 0.9\n"
        "wal_compression = {}\n"
        "max_replication_slots = 10\n"
        "max_wal_senders = 10\n",
        megabytes(disk / 10, 256, 16384), megabytes(disk / 50, 128, 1024), lz4 ? "lz4" : "on");
}

constexpr std::string_view kFixed = R"(# Sessions and plans
max_connections = 100
max_locks_per_transaction = 512
jit = off
random_page_cost = 1.1
effective_io_concurrency = 200
timezone = UTC
log_timezone = UTC
# Clients that are gone
client_connection_check_interval = 2s
tcp_user_timeout = 10s
tcp_keepalives_idle = 15s
tcp_keepalives_interval = 5s
tcp_keepalives_count = 3
# Upkeep
autovacuum_naptime = 15s
autovacuum_vacuum_cost_limit = 2000
# Log
log_line_prefix = '%m [%p] %q%a '
log_checkpoints = off
log_lock_waits = on
log_temp_files = 100MB
)";

}  // namespace

MachineFacts machine_facts(const std::filesystem::path& data) {
    std::error_code ignored;
    const auto space = std::filesystem::space(data, ignored);
    return {.memory_bytes = memory_limit(),
            .disk_free_bytes = ignored ? 0 : space.available,
            .cores = std::max(1U, std::thread::hardware_concurrency())};
}

std::vector<std::string> fixed_settings(const MachineFacts& machine, const ServerOptions& options) {
    return {"fsync=on",
            "full_page_writes=on",
            "synchronous_commit=on",
            "wal_level=logical",
            "max_slot_wal_keep_size=" + megabytes(machine.disk_free_bytes / 5, 1024, 65536),
            fmt::format("port={}", options.port),
            "listen_addresses=" + options.listen_address,
            "unix_socket_directories=" + options.socket_dir,
            "unix_socket_group=",
            "unix_socket_permissions=0700",
            "data_directory=" + options.cluster,
            fmt::format("hba_file={}/pg_hba.conf", options.cluster),
            fmt::format("ident_file={}/pg_ident.conf", options.cluster),
            "logging_collector=off",
            "log_destination=stderr"};
}

std::string render_settings(const MachineFacts& machine, const ServerOptions& options) {
    std::string out =
        "# Written by atlas at every start; put your own settings into user.conf beside it.\n";
    // Without them a server started by hand would use a folder open to every user, and pg_hba.conf
    // trusts who reaches the socket.
    out +=
        "# Sockets of a server started by hand; for its own, atlas sets them on the command line\n";
    out += fmt::format("listen_addresses = {}\n", conf_string(options.listen_address));
    out += fmt::format("port = {}\n", options.port);
    out += fmt::format("unix_socket_directories = {}\n", conf_string(options.socket_dir));
    out += "unix_socket_permissions = 0700\n";
    out += "# Memory and cores\n" + memory_part(machine);
    out += "# Write-ahead log\n" + log_part(machine, options.lz4);
    out += kFixed;
    if (options.lz4) out += "default_toast_compression = lz4\n";
    // Its own list, and wal2json, which others' slots are made with.
    if (options.plugin_list) {
        out += "output_plugin_libraries = 'pgoutput, test_decoding, wal2json'\n";
    }
    if (options.statements) out += "shared_preload_libraries = 'pg_stat_statements'\n";
    return out;
}

}  // namespace atlas::cluster
