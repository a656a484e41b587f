// SPDX-License-Identifier: Apache-2.0
#include "cluster/embedded_cluster.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "assets/sql.h"
#include "base/startup_error.h"
#include "observe/log.h"
#include "pg/connection.h"

namespace atlas::cluster {
namespace fs = std::filesystem;
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr std::uintmax_t kLogLimitBytes = 16U << 20U;
constexpr auto kFirstBackOff = 100ms;
constexpr auto kLongestBackOff = std::chrono::milliseconds(10'000);
// The back-off starts over after a server that ran this long.
constexpr auto kStable = 60s;
constexpr auto kLeftoversGone = 15s;
constexpr auto kStopTimeout = 120s;
constexpr auto kDiskInterval = 30s;

pg::SessionSettings bootstrap_session() {
    pg::SessionSettings settings;
    settings.connect_timeout = 2s;
    settings.application_name = "atlas start";
    return settings;
}

[[noreturn]] void refuse(const std::string& text) {
    throw StartupError(text);
}

// The version that created the cluster; nullopt where there is none yet.
std::optional<int> cluster_version(const fs::path& cluster) {
    int major = 0;
    if (std::ifstream(cluster / "PG_VERSION") >> major) return major;
    std::error_code error;
    if (fs::is_empty(cluster, error) || error) return std::nullopt;
    refuse(
        fmt::format("{} is not a PostgreSQL cluster; move it away or choose another folder "
                    "with --data",
                    cluster.string()));
}

// Writes a file in the folder of the server's user, who must not redirect root by a link.
void write_private(const fs::path& path, const std::string& text, const ServerUser& user) {
    const int file =
        open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    const bool written =
        file >= 0 && write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
        (!user.switched || fchown(file, user.uid, user.gid) == 0);
    const int error = errno;
    if (file >= 0) close(file);
    if (!written) refuse(fmt::format("cannot write {}: {}", path.string(), std::strerror(error)));
}

std::string advice_for(const std::string& complaint, const fs::path& root) {
    const auto says = [&complaint](std::string_view words) {
        return complaint.find(words) != std::string::npos;
    };
    if (says("No space left on device")) {
        return fmt::format("the disk of {} is full; free some space", root.string());
    }
    if (says("could not create any TCP/IP sockets") || says("Address already in use")) {
        return fmt::format(
            "the port for PostgreSQL is in use; choose another with "
            "postgres.port, or leave postgres.listen empty ({})",
            complaint);
    }
    return fmt::format("PostgreSQL did not start: {}; its log is {}/postgres.log",
                       complaint.empty() ? "no reason given" : complaint, root.string());
}

// Children of a killed server hold its memory for a moment longer.
bool passes_by_itself(const std::string& complaint) {
    return complaint.find("pre-existing shared memory block") != std::string::npos;
}

template <class T>
T must(pg::Expected<T> result) {
    if (result) return std::move(*result);
    refuse(fmt::format("cannot set up the database: {}", pg::describe(result.error())));
}

}  // namespace

EmbeddedCluster::EmbeddedCluster(EmbeddedOptions options, observe::Registry& registry)
    : options_(std::move(options)),
      restarts_(registry, "atlas_postgres_restarts_total",
                "Restarts of the private PostgreSQL after it died."),
      disk_free_(registry, "atlas_disk_free_bytes", "Free space on the disk of the data."),
      disk_filling_(registry, "atlas_disk_filling_total",
                    "Checks that found less than a tenth of the disk free.",
                    observe::Level::warning, 10min) {
}

EmbeddedCluster::~EmbeddedCluster() {
    stop();
}

void EmbeddedCluster::start(const std::function<bool()>& give_up) {
    user_ = server_user();
    data_.emplace(DataDir::open(options_.data.empty() ? default_data_dir() : options_.data, user_));
    const auto version = cluster_version(data_->cluster());
    binaries_ = find_server(options_.pg_bin, version);
    if (!version) make_cluster();
    make_socket_dir(data_->root(), user_);
    const auto lock = fmt::format(".s.PGSQL.{}.lock", options_.port);
    postmaster_.emplace(*binaries_, user_, data_->cluster(),
                        socket_dir(data_->root(), user_) / lock, data_->log());
    adopted_ = postmaster_->adopt();
    write_settings();
    if (adopted_)
        postmaster_->signal(SIGHUP);
    else
        postmaster_->start();
    wait_until_ready(give_up);
    bootstrap();
    watcher_ = std::thread([this] { supervise(); });
}

// Created beside its final name and then renamed: a start that is killed in between leaves nothing
// that looks like a cluster.
void EmbeddedCluster::make_cluster() {
    observe::log_info("creating a PostgreSQL {} cluster in {}", binaries_->major,
                      data_->cluster().string());
    const fs::path fresh = data_->root() / "postgres.new";
    std::error_code error;
    fs::remove_all(fresh, error);
    if (mkdir(fresh.c_str(), 0700) != 0 ||
        (user_.switched && chown(fresh.c_str(), user_.uid, user_.gid) != 0)) {
        refuse(fmt::format("cannot create {}: {}", fresh.string(), std::strerror(errno)));
    }
    const auto made =
        run({.argv = {binaries_->initdb(), "-D", fresh, "-U", "postgres", "-A", "trust",
                      "--data-checksums", "--encoding=UTF8", "--no-locale", "--no-instructions"},
             .user = user_});
    if (made.status != 0) {
        const auto line = made.output.find("initdb: error: ");
        std::string reason = line == std::string::npos ? made.output : made.output.substr(line);
        std::ranges::replace(reason, '\n', ' ');
        refuse(advice_for(reason, data_->root()));
    }
    std::ofstream(fresh / "postgresql.conf", std::ios::app)
        << "\ninclude 'atlas.conf'\ninclude_if_exists 'user.conf'\n";
    std::ofstream(fresh / "user.conf") << "# Your own settings; they override atlas.conf.\n";
    // Sessions over TCP, which are off by default, need a password; the socket's folder is private.
    std::ofstream(fresh / "pg_hba.conf", std::ios::trunc)
        << "local all all trust\nlocal replication all trust\nhost all all all scram-sha-256\n";
    fs::remove(data_->cluster(), error);  // an empty folder, at most
    fs::rename(fresh, data_->cluster(), error);
    if (error)
        refuse(fmt::format("cannot create {}: {}", data_->cluster().string(), error.message()));
}

bool EmbeddedCluster::supports_lz4() const {
    const auto asked =
        run({.argv = {binaries_->postgres(), "-D", data_->cluster(), "-C", "wal_compression", "-c",
                      "wal_compression=lz4", "-c", "config_file=/dev/null"},
             .user = user_});
    return asked.status == 0;
}

void EmbeddedCluster::write_settings() {
    const fs::path libraries = binaries_->dir / "../lib";
    statements_ = fs::exists(libraries / "pg_stat_statements.so") ||
                  fs::exists(libraries / "postgresql/pg_stat_statements.so");
    const ServerOptions server{.socket_dir = socket_dir(data_->root(), user_).string(),
                               .port = options_.port,
                               .listen_address = options_.listen_address,
                               .lz4 = supports_lz4(),
                               .statements = statements_};
    write_private(data_->cluster() / "atlas.conf",
                  render_settings(machine_facts(data_->root()), server), user_);
}

std::string EmbeddedCluster::conninfo() const {
    return socket_conninfo(data_->root(), user_, options_.port, "atlas", "atlas");
}

pg::Expected<pg::Connection> EmbeddedCluster::open_as_superuser(std::string_view database) const {
    return pg::Connection::open(
        socket_conninfo(data_->root(), user_, options_.port, "postgres", database),
        bootstrap_session());
}

void EmbeddedCluster::wait_until_ready(const std::function<bool()>& give_up) {
    const auto leftovers_until = Clock::now() + kLeftoversGone;
    auto say_at = Clock::now() + 5s;
    for (;;) {
        const auto opened = open_as_superuser("postgres");
        if (opened) return;
        if (give_up()) refuse("stopped while PostgreSQL was starting");
        if (postmaster_->ended(50ms)) {
            const std::string complaint = postmaster_->last_complaint();
            // A server that we found running may have been stopping.
            const bool again = adopted_ || passes_by_itself(complaint);
            if (!again || Clock::now() > leftovers_until) {
                refuse(advice_for(complaint, data_->root()));
            }
            adopted_ = postmaster_->adopt();
            if (!adopted_) postmaster_->start();
        }
        if (Clock::now() > say_at) {
            observe::log_info("PostgreSQL is not ready yet: {}", pg::describe(opened.error()));
            say_at = Clock::now() + 5s;
        }
    }
}

void EmbeddedCluster::bootstrap() {
    auto server = must(open_as_superuser("postgres"));
    must(server.exec(sql::text("queries/cluster/create_owner.sql")));
    if (must(server.exec(sql::text("queries/cluster/find_database.sql"))).empty()) {
        must(server.exec(sql::text("queries/cluster/create_database.sql")));
    }
    if (!statements_) return;
    auto database = must(open_as_superuser("atlas"));
    must(database.exec(sql::text("queries/cluster/create_statistics.sql")));
}

std::string EmbeddedCluster::gateway_conninfo() {
    auto server = must(open_as_superuser("postgres"));
    must(server.exec(sql::text("queries/cluster/create_gateway.sql")));
    return socket_conninfo(data_->root(), user_, options_.port, "atlas_service", "atlas");
}

bool EmbeddedCluster::restart_after(std::chrono::milliseconds delay) {
    {
        std::unique_lock lock(mutex_);
        if (wake_.wait_for(lock, delay, [this] { return stopping_; })) return false;
        // Started under the lock: stop() sees either no server or this one.
        try {
            if (!postmaster_->adopt()) postmaster_->start();
        } catch (const StartupError& error) {
            observe::log_error("{}", error.what());
        }
    }
    restarts_.add();
    return true;
}

void EmbeddedCluster::look_at_disk() {
    std::error_code error;
    const auto space = fs::space(data_->root(), error);
    if (error) return;
    disk_free_.set(static_cast<double>(space.available));
    if (space.available >= space.capacity / 10) return;
    disk_filling_.report(
        "only {} MB are free on the disk of {}; free some space, or let jobs.retention drop old "
        "history",
        space.available >> 20U, data_->root().string());
}

void EmbeddedCluster::supervise() {
    auto look_at = Clock::now();
    auto back_off = std::chrono::milliseconds(kFirstBackOff);
    auto started = Clock::now();
    for (;;) {
        if (!postmaster_->ended(250ms)) {
            postmaster_->rotate_log(kLogLimitBytes);
            if (Clock::now() >= look_at) {
                look_at_disk();
                look_at = Clock::now() + kDiskInterval;
            }
            const std::scoped_lock lock(mutex_);
            if (stopping_) return;
            continue;
        }
        if (Clock::now() - started > kStable) back_off = kFirstBackOff;
        observe::log_error("PostgreSQL died ({}); restarting it in {} ms",
                           postmaster_->last_complaint(), back_off.count());
        if (!restart_after(back_off)) return;
        started = Clock::now();
        back_off = std::min(back_off * 2, kLongestBackOff);
    }
}

void EmbeddedCluster::stop() {
    {
        const std::scoped_lock lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    if (watcher_.joinable()) watcher_.join();
    if (!postmaster_ || postmaster_->pid() <= 0) return;
    postmaster_->signal(hurried_ ? SIGQUIT : SIGINT);
    if (postmaster_->ended(kStopTimeout)) return;
    observe::log_warning("PostgreSQL did not stop within {} s; ending it without a checkpoint",
                         std::chrono::seconds(kStopTimeout).count());
    postmaster_->signal(SIGQUIT);
    postmaster_->ended(kStopTimeout);
}

void EmbeddedCluster::hurry() {
    hurried_ = true;
    if (postmaster_) postmaster_->signal(SIGQUIT);
}

}  // namespace atlas::cluster
