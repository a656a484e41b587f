// SPDX-License-Identifier: Apache-2.0
#include "testing/test_cluster.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <stdexcept>
#include <vector>

#include "pg/connection.h"
#include "schema/migrator.h"
#include "testing/eventually.h"

namespace atlas::test {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kTemplate = "atlas_template";

constexpr std::string_view kSettings = R"(
listen_addresses = ''
fsync = off
full_page_writes = off
synchronous_commit = on
wal_level = logical
shared_buffers = 64MB
max_connections = 100
max_prepared_transactions = 10
max_replication_slots = 30
max_wal_senders = 30
max_wal_size = 4GB
jit = off
dynamic_shared_memory_type = mmap
autovacuum_naptime = 5s
log_min_messages = warning
)";

fs::path make_dir(const cluster::ServerUser& user) {
    std::string pattern = fs::temp_directory_path() / "atlas-test-XXXXXX";
    if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
    if (user.switched && chown(pattern.c_str(), user.uid, user.gid) != 0) {
        throw std::runtime_error("chown failed");
    }
    return pattern;
}

// All processes of the server's session, as /proc shows them.
std::vector<pid_t> children_of(pid_t parent) {
    std::vector<pid_t> children;
    std::ifstream list(fmt::format("/proc/{0}/task/{0}/children", parent));
    for (pid_t child = 0; list >> child;) children.push_back(child);
    return children;
}

}  // namespace

TestCluster& TestCluster::shared() {
    static TestCluster cluster;
    return cluster;
}

TestCluster::TestCluster() : binaries_(cluster::find_server()), user_(cluster::server_user()) {
    dir_ = make_dir(user_);
    try {
        init();
        start();
        run_sql("postgres", "CREATE ROLE atlas LOGIN CREATEROLE");
        run_sql("postgres", "CREATE ROLE atlas_replication LOGIN REPLICATION");
    } catch (...) {
        if (pid_ > 0) kill();
        fs::remove_all(dir_);
        throw;
    }
}

TestCluster::~TestCluster() {
    if (pid_ > 0) kill();
    std::error_code ignored;
    fs::remove_all(dir_, ignored);
}

void TestCluster::init() {
    const auto made =
        cluster::run({.argv = {binaries_.initdb(), "-D", dir_ / "data", "-U", "root", "-A", "trust",
                               "-E", "UTF8", "--no-locale", "--no-sync"},
                      .user = user_});
    if (made.status != 0) throw std::runtime_error("initdb failed: " + made.output);
    std::ofstream(dir_ / "data/postgresql.auto.conf", std::ios::app)
        << kSettings << fmt::format("unix_socket_directories = '{}'\n", dir_.string());
}

void TestCluster::start() {
    const int log = open((dir_ / "log").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    pid_ = cluster::spawn({.argv = {binaries_.postgres(), "-D", dir_ / "data"},
                           .user = user_,
                           .output = log,
                           .own_session = true,
                           .parent_death_signal = SIGQUIT});
    close(log);
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (!pg::Connection::open(conninfo("postgres", "root"), {})) {
        if (cluster::wait_for_exit(pid_, std::chrono::milliseconds(20)) ||
            std::chrono::steady_clock::now() > until) {
            pid_ = -1;
            throw std::runtime_error("the test server did not start, see " + dir_.string());
        }
    }
}

void TestCluster::kill() {
    // The postmaster first: it would otherwise see its children die and start recovery.
    ::kill(pid_, SIGSTOP);
    const auto children = children_of(pid_);
    ::kill(pid_, SIGKILL);
    for (const pid_t child : children) ::kill(child, SIGKILL);
    for (const pid_t child : children) cluster::wait_for_exit(child, std::chrono::seconds(10));
    waitpid(pid_, nullptr, 0);
    pid_ = -1;
}

void TestCluster::stop() {
    ::kill(pid_, SIGINT);
    waitpid(pid_, nullptr, 0);
    pid_ = -1;
}

std::string TestCluster::conninfo(std::string_view database, std::string_view role) const {
    return fmt::format("host={} dbname={} user={}", dir_.string(), database, role);
}

std::string TestCluster::as_role(std::string_view conninfo, std::string_view role) const {
    return fmt::format("{} user={}", conninfo, role);
}

void TestCluster::run_sql(std::string_view database, std::string_view sql) {
    auto connection = pg::Connection::open(conninfo(database, "root"), {});
    if (!connection) throw std::runtime_error(connection.error().message);
    const auto done = connection->exec(sql);
    if (!done) throw std::runtime_error(done.error().message);
}

void TestCluster::make_template() {
    run_sql("postgres", fmt::format("CREATE DATABASE {} OWNER atlas", kTemplate));
    {
        auto connection = pg::Connection::open(conninfo(kTemplate, "atlas"), {});
        if (!connection) throw std::runtime_error(connection.error().message);
        const auto applied = schema::Migrator(*connection).up();
        if (!applied) throw std::runtime_error("migration: " + applied.error().message);
    }
    template_made_ = true;
}

std::string TestCluster::new_database(std::string_view from) {
    const std::string name = fmt::format("test_{}", ++databases_);
    run_sql("postgres", fmt::format("CREATE DATABASE {} OWNER atlas TEMPLATE {}", name, from));
    return conninfo(name, "atlas");
}

std::string TestCluster::make_database() {
    const std::scoped_lock lock(mutex_);
    if (!template_made_) make_template();
    return new_database(kTemplate);
}

std::string TestCluster::make_empty_database() {
    const std::scoped_lock lock(mutex_);
    return new_database("template1");
}

bool TestCluster::drop_slots(std::string_view conninfo) const {
    const std::string mine = " FROM pg_replication_slots WHERE database = current_database()";
    auto admin = pg::Connection::open(as_superuser(conninfo), {});
    return admin && eventually([&] {
               static_cast<void>(admin->exec("SELECT pg_drop_replication_slot(slot_name)" + mine +
                                             " AND NOT active"));
               const auto left = admin->exec("SELECT count(*)" + mine);
               return left && left->int8(0, 0) == 0;
           });
}

}  // namespace atlas::test
