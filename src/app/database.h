// SPDX-License-Identifier: Apache-2.0
//
// The database a command works on: reached, new enough, and at the schema of this program.
//
// Threading  any thread with a connection of its own; every call blocks on it.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "app/signals.h"
#include "base/startup_error.h"
#include "config/config.h"
#include "pg/connection.h"

namespace atlas::app {

// How long a database is waited for; nullopt: until a signal comes.
using Patience = std::optional<std::chrono::seconds>;
inline constexpr Patience kPatience = std::chrono::seconds(10);

// The database went away during the work; the same on a new session may succeed.
class DatabaseLeft : public StartupError {
public:
    using StartupError::StartupError;
};

// A session. Throws StartupError: not reachable in time, older than 15, stopped by a signal.
pg::Connection reach(const std::string& conninfo, const Signals& signals,
                     Patience patience = kPatience);

// Does `work` on a session. Where that throws DatabaseLeft, it repeats it on a new one, and then
// waits for the database without limit: a restart is no reason to give up. Throws as reach() does,
// and what else `work` throws.
void on_database(const std::string& conninfo, const Signals& signals, Patience patience,
                 const std::function<void(pg::Connection&)>& work);

// Applies what is missing. Throws StartupError, DatabaseLeft included.
void migrate(pg::Connection& connection, const config::Config& config);

// Throws StartupError when the schema is not the one of this program, and says which command
// brings it there; DatabaseLeft where it cannot be read.
void check_schema(pg::Connection& connection);

// Logs what of the server's settings weakens acknowledgement. Throws DatabaseLeft.
void warn_of_settings(pg::Connection& connection);

// The conninfo of --database, else of the private PostgreSQL in --data. Throws StartupError when
// there is neither.
std::string database_of(const config::Config& config);

// Whose rights a session on the private PostgreSQL has.
enum class PrivateRole : std::uint8_t {
    owner,   // of the database
    reader,  // reads everything but tokens
    admin,   // superuser of the server
};

// The conninfo of the private PostgreSQL in the data folder, whether or not it runs. Throws
// StartupError when there is none.
std::string private_dsn(const config::Config& config, PrivateRole role = PrivateRole::owner);

}  // namespace atlas::app
