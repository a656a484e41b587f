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
// A process that was killed a moment ago still holds its folder.
constexpr auto kPredecessor = std::chrono::milliseconds(2'000);
constexpr auto kSayEvery = std::chrono::milliseconds(5'000);
// Longer than most recoveries take.
constexpr auto kSlowStart = 30s;
constexpr std::string_view kToldToStop = "stopped while PostgreSQL was starting";
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

bool has_settings(const fs::path& file) {
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);) {
        const auto text = line.find_first_not_of(" \t\r");
        if (text != std::string::npos && line[text] != '#') return true;
    }
    return false;
}

// Where a person's own settings can be corrected while no session can be opened; empty when there
// are none.
std::string where_settings_are(const fs::path& cluster) {
    std::string files;
    for (const auto& [name, of] :
         {std::pair("postgresql.auto.conf", " (of ALTER SYSTEM)"), std::pair("user.conf", "")}) {
        const fs::path file = cluster / name;
        if (!has_settings(file)) continue;
        files += fmt::format("{}{}{}", files.empty() ? "" : " or ", file.string(), of);
    }
    if (files.empty()) return {};
    return fmt::format("; if that comes from a setting, correct it in {}", files);
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
    return fmt::format("PostgreSQL did not start: {}{}; its log is {}/postgres.log",
                       complaint.empty() ? "no reason given" : complaint,
                       where_settings_are(root / "postgres"), root.string());
}

// Another process holds the memory or the folder: of a killed server, or of one at maintenance.
bool passes_by_itself(const std::string& complaint) {
    return complaint.find("pre-existing shared memory block") != std::string::npos ||
           complaint.find("lock file \"postmaster.pid\" already exists") != std::string::npos;
}

std::string why_it_ended(const std::string& complaint) {
    return complaint.empty() ? "killed, or stopped" : complaint;
}

bool passes_by_itself(const pg::Error& error) {
    return error.kind == pg::ErrorKind::connection || error.kind == pg::ErrorKind::retryable;
}

// False when `give_up` returned true before the time has passed.
bool rest(std::chrono::milliseconds time, const EmbeddedCluster::GiveUp& give_up) {
    const auto until = Clock::now() + time;
    while (Clock::now() < until) {
        if (give_up()) return false;
        std::this_thread::sleep_for(std::min(time, std::chrono::milliseconds(50)));
    }
    return true;
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

void EmbeddedCluster::start(const GiveUp& give_up) {
    user_ = server_user();
    data_.emplace(DataDir::open(options_.data.empty() ? default_data_dir() : options_.data, user_,
                                kPredecessor));
    const auto version = cluster_version(data_->cluster());
    binaries_ = find_server(options_.pg_bin, version);
    if (!version) make_cluster();
    make_socket_dir(data_->root(), user_);
    const auto lock = fmt::format(".s.PGSQL.{}.lock", options_.port);
    postmaster_.emplace(*binaries_, user_, data_->cluster(),
                        socket_dir(data_->root(), user_) / lock, data_->log());
    leftovers_.emplace(data_->cluster());
    write_settings();
    if (!begin(give_up)) refuse(std::string(kToldToStop));
    if (adopted_) postmaster_->signal(SIGHUP);
    insist(give_up, [&] {
        wait_until_ready(give_up);
        return bootstrap();
    });
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
             .user = user_,
             .parent_death_signal = SIGKILL});
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

// Whether the server knows the setting "name=value".
bool EmbeddedCluster::accepts(std::string_view setting) const {
    const auto asked = run({.argv = {binaries_->postgres(), "-D", data_->cluster(), "-C",
                                     std::string(setting.substr(0, setting.find('='))), "-c",
                                     std::string(setting), "-c", "config_file=/dev/null"},
                            .user = user_});
    return asked.status == 0;
}

void EmbeddedCluster::write_settings() {
    const fs::path libraries = binaries_->dir / "../lib";
    statements_ = fs::exists(libraries / "pg_stat_statements.so") ||
                  fs::exists(libraries / "postgresql/pg_stat_statements.so");
    const ServerOptions server{.cluster = data_->cluster().string(),
                               .socket_dir = socket_dir(data_->root(), user_).string(),
                               .port = options_.port,
                               .listen_address = options_.listen_address,
                               .lz4 = accepts("wal_compression=lz4"),
                               .statements = statements_,
                               .plugin_list = accepts("output_plugin_libraries=pgoutput")};
    const MachineFacts machine = machine_facts(data_->root());
    write_private(data_->cluster() / "atlas.conf", render_settings(machine, server), user_);
    fixed_settings_ = fixed_settings(machine, server);
}

std::string EmbeddedCluster::conninfo() const {
    return socket_conninfo(data_->root(), user_, options_.port, "atlas", "atlas");
}

pg::Expected<pg::Connection> EmbeddedCluster::open_as_superuser(std::string_view database) const {
    return pg::Connection::open(
        socket_conninfo(data_->root(), user_, options_.port, "postgres", database),
        bootstrap_session());
}

// Takes over a server that runs, or starts one once no process of a dead one is left. False when
// `give_up` returned true.
bool EmbeddedCluster::begin(const GiveUp& give_up) {
    leftovers_->identify();
    adopted_ = postmaster_->adopt();
    if (adopted_) return true;
    while (!leftovers_->ended(50ms)) {
        if (give_up()) return false;
    }
    postmaster_->start(fixed_settings_);
    return true;
}

void EmbeddedCluster::wait_until_ready(const GiveUp& give_up) {
    auto back_off = std::chrono::milliseconds(kFirstBackOff);
    const auto began = Clock::now();
    auto say_at = began + kSayEvery;
    bool restarting = false;
    for (;;) {
        const auto opened = open_as_superuser("postgres");
        if (opened) return;
        if (give_up()) refuse(std::string(kToldToStop));
        if (adopted_ && !restarting && postmaster_->serves_elsewhere()) {
            observe::log_info("the running PostgreSQL was started with another socket; restarting");
            postmaster_->signal(SIGINT);
            restarting = true;
        }
        if (postmaster_->ended(50ms)) {
            begin_again(give_up, back_off);
            back_off = std::min(back_off * 2, kLongestBackOff);
        }
        if (Clock::now() > say_at) {
            say_not_ready(Clock::now() - began >= kSlowStart, pg::describe(opened.error()));
            say_at = Clock::now() + kSayEvery;
        }
    }
}

void EmbeddedCluster::say_not_ready(bool slow, const std::string& reason) const {
    const std::string complaint = postmaster_->last_complaint();
    if (!slow && complaint.empty()) {
        observe::log_info("PostgreSQL is not ready yet: {}", reason);
        return;
    }
    const bool said = reason.find(complaint) != std::string::npos;
    observe::log_warning("PostgreSQL is not ready yet: {}{}{}; its log is {}", reason,
                         said ? "" : "; it says: " + complaint,
                         where_settings_are(data_->cluster()), data_->log().string());
}

// The server ended before it was ready. It may have been killed, or have been stopping when it was
// taken over, or another process holds its folder: then it is started again. Only a reason that
// will be the same the next time ends our start.
void EmbeddedCluster::begin_again(const GiveUp& give_up, std::chrono::milliseconds delay) {
    const std::string complaint = postmaster_->last_complaint();
    const auto code = postmaster_->exit_code();
    const bool unexplained = !code || *code == 0 || (*code == 1 && complaint.empty());
    if (!adopted_ && !unexplained && !passes_by_itself(complaint)) {
        refuse(advice_for(complaint, data_->root()));
    }
    observe::log_warning("PostgreSQL ended while it was starting ({}); starting it again",
                         why_it_ended(complaint));
    if (!rest(delay, give_up) || !begin(give_up)) refuse(std::string(kToldToStop));
}

// Repeats what fails because the server went away meanwhile.
void EmbeddedCluster::insist(const GiveUp& give_up,
                             const std::function<pg::Expected<void>()>& step) {
    observe::Throttle throttle(kSayEvery);
    for (;;) {
        const auto done = step();
        if (done) return;
        const std::string reason = pg::describe(done.error());
        if (!passes_by_itself(done.error())) {
            refuse(fmt::format("cannot set up the database: {}", reason));
        }
        if (throttle.ask().pass) observe::log_warning("setting up the database again: {}", reason);
        if (!rest(100ms, give_up)) refuse(std::string(kToldToStop));
    }
}

pg::Expected<void> EmbeddedCluster::bootstrap() {
    auto server = open_as_superuser("postgres");
    if (!server) return failure(server.error());
    if (auto done = restart_if_loose(*server); !done) return done;
    if (auto done = server->exec(sql::text("queries/cluster/create_owner.sql")); !done) {
        return failure(done.error());
    }
    const auto found = server->exec(sql::text("queries/cluster/find_database.sql"));
    if (!found) return failure(found.error());
    if (found->empty()) {
        const auto made = server->exec(sql::text("queries/cluster/create_database.sql"));
        if (!made) return failure(made.error());
    }
    if (!statements_) return {};
    auto database = open_as_superuser("atlas");
    if (!database) return failure(database.error());
    const auto made = database->exec(sql::text("queries/cluster/create_statistics.sql"));
    if (!made) return failure(made.error());
    return {};
}

// A server that another version of Atlas, or a person, started without what is on our command line.
pg::Expected<void> EmbeddedCluster::restart_if_loose(pg::Connection& server) {
    if (!adopted_) return {};
    const auto loose = server.exec(sql::text("queries/cluster/find_loose_settings.sql"));
    if (!loose) return failure(loose.error());
    if (loose->empty()) return {};
    observe::log_info("the running PostgreSQL was started without fixed settings ({}); restarting",
                      loose->text(0, 0));
    postmaster_->signal(SIGINT);
    return failure(pg::Error{.kind = pg::ErrorKind::connection, .message = "it is restarting"});
}

std::string EmbeddedCluster::gateway_conninfo(const GiveUp& give_up) {
    insist(give_up, [this]() -> pg::Expected<void> {
        auto server = open_as_superuser("postgres");
        if (!server) return failure(server.error());
        const auto made = server->exec(sql::text("queries/cluster/create_gateway.sql"));
        if (!made) return failure(made.error());
        return {};
    });
    return socket_conninfo(data_->root(), user_, options_.port, "atlas_service", "atlas");
}

bool EmbeddedCluster::restart_after(std::chrono::milliseconds delay) {
    {
        std::unique_lock lock(mutex_);
        if (wake_.wait_for(lock, delay, [this] { return stopping_; })) return false;
    }
    try {
        const bool begun = begin([this] {
            const std::scoped_lock lock(mutex_);
            return stopping_;
        });
        if (!begun) return false;
    } catch (const StartupError& error) {
        observe::log_error("{}", error.what());
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
        const std::string complaint = postmaster_->last_complaint();
        observe::log_error("PostgreSQL died ({}); restarting it in {} ms{}",
                           why_it_ended(complaint), back_off.count(),
                           complaint.empty() ? "" : where_settings_are(data_->cluster()));
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
    if (!postmaster_) return;
    // It died and was not restarted: its processes end, too.
    if (postmaster_->pid() <= 0) leftovers_->ended(0ms);
    if (postmaster_->pid() <= 0) return;
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
