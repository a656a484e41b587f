// SPDX-License-Identifier: Apache-2.0
#include "bench/server.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <stdexcept>

#include "cluster/process.h"

namespace atlas::bench {
namespace {

constexpr std::string_view kReady = "Atlas is ready at ";

}  // namespace

std::filesystem::path make_folder(const std::string& parent) {
    std::string name = std::filesystem::path(parent) / "atlas-bench-XXXXXX";
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot create " + name);
    std::filesystem::permissions(name, std::filesystem::perms::all);
    return name;
}

std::int64_t resident_bytes(pid_t pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/statm");
    std::int64_t pages = 0;
    file >> pages >> pages;
    return pages * sysconf(_SC_PAGESIZE);
}

Server::Server(const Settings& settings, const std::vector<std::string>& options)
    : program_(settings.program),
      dir_(make_folder(settings.data_dir)),
      days_(settings.scaled(365, 30)) {
    start(options);
}

void Server::start(const std::vector<std::string>& options) {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("cannot create a pipe");
    cluster::ProcessSpec spec;
    spec.argv = {program_,   "up",          "--data",      dir_ / "data",
                 "--listen", "127.0.0.1:0", "--no-collect"};
    std::vector<std::string> all{"index.enabled=false"};
    all.insert(all.end(), options.begin(), options.end());
    for (const auto& option : all) {
        spec.argv.emplace_back("--set");
        spec.argv.push_back(option);
    }
    spec.output = ends[1];
    spec.parent_death_signal = SIGTERM;
    pid_ = cluster::spawn(spec);
    close(ends[1]);
    read_until_ready(ends[0]);
}

void Server::read_until_ready(int descriptor) {
    std::string output;
    std::array<char, 4096> chunk{};
    for (;;) {
        const ssize_t count = read(descriptor, chunk.data(), chunk.size());
        if (count <= 0) throw std::runtime_error("atlas up ended: " + output);
        output.append(chunk.data(), static_cast<std::size_t>(count));
        const auto at = output.find(kReady);
        if (at == std::string::npos) continue;
        const auto end = output.find('\n', at);
        if (end == std::string::npos) continue;
        url_ = output.substr(at + kReady.size(), end - at - kReady.size());
        // Keep reading, so that its log never blocks the server.
        if (fork() == 0) {
            while (read(descriptor, chunk.data(), chunk.size()) > 0) {
            }
            _exit(0);
        }
        close(descriptor);
        return;
    }
}

// It writes a checkpoint, which takes long after much was written.
void Server::stop() {
    kill(pid_, SIGTERM);
    cluster::wait_for_exit(pid_, std::chrono::seconds{300});
}

void Server::restart(const std::vector<std::string>& options) {
    stop();
    start(options);
}

Server::~Server() {
    stop();
    std::error_code ignored;
    std::filesystem::remove_all(dir_, ignored);
}

client::HttpClient Server::client(const std::string& tenant) const {
    client::Options options;
    options.url = url_;
    options.tenant = tenant;
    return client::HttpClient(options);
}

std::string Server::conninfo() const {
    cluster::ProcessSpec spec;
    spec.argv = {program_, "dsn", "--data", dir_ / "data"};
    std::string dsn = cluster::run(spec).output;
    while (!dsn.empty() && dsn.back() == '\n') dsn.pop_back();
    return dsn;
}

pg::Connection Server::database(bool superuser) const {
    std::string dsn = conninfo();
    if (superuser) dsn += " user=postgres";
    pg::SessionSettings settings;
    settings.statement_timeout = std::chrono::milliseconds{0};
    settings.lock_timeout = std::chrono::milliseconds{0};
    auto opened = pg::Connection::open(dsn, settings);
    if (!opened) throw std::runtime_error("cannot open " + dsn + ": " + opened.error().message);
    return std::move(*opened);
}

// Days of which the server would make months are days here, too: so many partitions are the point.
void Server::attach_partitions() const {
    auto connection = database();
    constexpr std::int64_t kDaysAtOnce = 30;
    for (std::int64_t first = 0; first < days_; first += kDaysAtOnce) {
        // The server makes those of the next days at the same time.
        must(connection.exec_script("BEGIN; SELECT pg_advisory_xact_lock(1635019891, 1000)"));
        must(connection.exec(
            "SELECT atlas_attach_partition('observations_p' || to_char(day, 'YYYYMMDD'), day, "
            "day + 1) FROM (SELECT (now() AT TIME ZONE 'UTC')::date + 1 - d AS day "
            "FROM generate_series($1::integer, $2::integer) d) days "
            "WHERE to_regclass('observations_p' || to_char(day, 'YYYYMMDD')) IS NULL",
            pg::Params{}.add(first).add(std::min(first + kDaysAtOnce, days_) - 1)));
        must(connection.exec_script("COMMIT"));
    }
}

pg::Rows must(pg::Expected<pg::Rows> rows) {
    if (!rows) throw std::runtime_error(rows.error().message);
    return std::move(*rows);
}

std::int64_t history_bytes(pg::Connection& connection) {
    return must(connection.exec("SELECT coalesce(sum(pg_total_relation_size(relid)), 0)::bigint "
                                "FROM pg_partition_tree('observations') WHERE isleaf"))
        .int8(0, 0);
}

std::int64_t log_position(pg::Connection& connection) {
    return must(connection.exec("SELECT pg_current_wal_lsn() - '0/0'::pg_lsn")).int8(0, 0);
}

}  // namespace atlas::bench
