// SPDX-License-Identifier: Apache-2.0
#include "app/database.h"

#include <libpq-fe.h>
#include <sys/stat.h>

#include "base/startup_error.h"
#include "catalog/server_check.h"
#include "cluster/data_dir.h"
#include "cluster/server_binaries.h"
#include "observe/log.h"
#include "schema/migrator.h"

namespace atlas::app {
namespace {

using namespace std::chrono_literals;

void check_conninfo(const std::string& conninfo) {
    char* reason = nullptr;
    PQconninfoOption* parsed = PQconninfoParse(conninfo.c_str(), &reason);
    if (parsed != nullptr) {
        PQconninfoFree(parsed);
        return;
    }
    std::string text = reason == nullptr ? "not a conninfo" : reason;
    PQfreemem(reason);
    while (!text.empty() && text.back() == '\n') text.pop_back();
    throw StartupError(
        fmt::format("--database: {}; it must be a URI or keywords, as for psql", text));
}

void check_version(const pg::Connection& connection) {
    const int major = connection.server_version() / 10000;
    if (major >= cluster::kOldestServer) return;
    throw StartupError(
        fmt::format("the database server is PostgreSQL {}; atlas requires {} or later", major,
                    cluster::kOldestServer));
}

// sql/queries/cluster creates them; initdb the superuser.
std::string_view login_of(PrivateRole role) {
    if (role == PrivateRole::reader) return "atlas_viewer";
    return role == PrivateRole::admin ? "postgres" : "atlas";
}

[[noreturn]] void give_up(const char* what, const pg::Error& error) {
    const std::string text = fmt::format("{}: {}", what, pg::describe(error));
    const bool left =
        error.kind == pg::ErrorKind::connection || error.kind == pg::ErrorKind::retryable;
    if (left) throw DatabaseLeft(text);
    throw StartupError(text);
}

}  // namespace

pg::Connection reach(const std::string& conninfo, const Signals& signals, Patience patience) {
    check_conninfo(conninfo);
    const auto began = std::chrono::steady_clock::now();
    for (;;) {
        auto opened = pg::Connection::open(conninfo, {});
        if (opened) {
            check_version(*opened);
            return std::move(*opened);
        }
        if (patience && std::chrono::steady_clock::now() > began + *patience) {
            throw StartupError(
                fmt::format("cannot reach the database: {}", pg::describe(opened.error())));
        }
        observe::log_warning("waiting for the database: {}", pg::describe(opened.error()));
        if (signals.wait(1s) != 0) throw StartupError("stopped while waiting for the database");
    }
}

void on_database(const std::string& conninfo, const Signals& signals, Patience patience,
                 const std::function<void(pg::Connection&)>& work) {
    for (;;) {
        auto connection = reach(conninfo, signals, patience);
        try {
            return work(connection);
        } catch (const DatabaseLeft& error) {
            observe::log_warning("the database went away during the start: {}", error.what());
            patience.reset();
            if (signals.wait(1s) != 0) throw StartupError("stopped while the database restarted");
        }
    }
}

void migrate(pg::Connection& connection, const config::Config& config) {
    schema::Migrator migrator(connection,
                              {.hot_partitions = static_cast<int>(config.hot_partitions())});
    const auto applied = migrator.up();
    if (!applied) give_up("migration", applied.error());
    for (const auto& name : *applied) observe::log_info("applied {}", name);
}

void check_schema(pg::Connection& connection) {
    const auto status = schema::Migrator(connection).status();
    if (!status) give_up("schema", status.error());
    if (status->newer_than_program()) {
        throw StartupError(fmt::format(
            "the database is at schema version {}, this program knows versions up to {}; use a "
            "newer program",
            status->database_version, status->program_version));
    }
    if (status->database_version < status->program_version) {
        throw StartupError(fmt::format(
            "the database is at schema version {}, this program needs {}; run `atlas migrate up` "
            "with the same --database, or add --migrate",
            status->database_version, status->program_version));
    }
}

void warn_of_settings(pg::Connection& connection) {
    const auto weak = catalog::weak_settings(connection);
    if (!weak) give_up("settings", weak.error());
    for (const auto& warning : *weak) observe::log_warning("{}", warning);
}

std::string private_dsn(const config::Config& config, PrivateRole role) {
    const std::filesystem::path root =
        config.data().empty() ? cluster::default_data_dir() : std::filesystem::path(config.data());
    struct stat cluster{};
    if (stat((root / "postgres").c_str(), &cluster) != 0) {
        throw StartupError(fmt::format(
            "there is no database in {}; start one with `atlas up`, or name its folder with --data",
            root.string()));
    }
    // The socket's place depends on whom the server runs as, and that is the owner of the cluster.
    cluster::ServerUser user = cluster::server_user();
    user.uid = cluster.st_uid;
    return cluster::socket_conninfo(root, user, static_cast<int>(config.postgres_port()),
                                    login_of(role), "atlas");
}

std::string database_of(const config::Config& config) {
    return config.database().empty() ? private_dsn(config) : config.database();
}

}  // namespace atlas::app
