// SPDX-License-Identifier: Apache-2.0
//
// The database a command works on: reached, new enough, and at the schema of this program.
//
// Threading  any thread with a connection of its own; every call blocks on it.
#pragma once

#include <string>

#include "app/signals.h"
#include "config/config.h"
#include "pg/connection.h"

namespace atlas::app {

// A session, waited for up to ten seconds. Throws StartupError: not reachable, older than 15.
pg::Connection reach(const std::string& conninfo, const Signals& signals);

// Applies what is missing. Throws StartupError.
void migrate(pg::Connection& connection, const config::Config& config);

// Throws StartupError when the schema is not the one of this program, and says which command
// brings it there.
void check_schema(pg::Connection& connection);

// The conninfo of --database, else of the private PostgreSQL in --data. Throws StartupError when
// there is neither.
std::string database_of(const config::Config& config);

// The conninfo of the private PostgreSQL in the data folder, whether or not it runs. Throws
// StartupError when there is none.
std::string private_dsn(const config::Config& config);

}  // namespace atlas::app
