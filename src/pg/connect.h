// SPDX-License-Identifier: Apache-2.0
//
// Opens sessions with the settings that all our sessions share: for the files that talk to libpq.
//
// Lifetime   the caller owns the connection, also one that failed, and ends it with PQfinish.
// Threading  any thread.
#pragma once

#include <libpq-fe.h>

#include <cstdint>
#include <string>

#include "pg/session.h"

namespace atlas::pg {

enum class SessionMode : std::uint8_t {
    statements,
    replication,  // logical, in the database of the conninfo
};

// Blocks for at most settings.connect_timeout per address. The caller checks PQstatus.
PGconn* connect(const std::string& conninfo, const SessionSettings& settings, SessionMode mode);

}  // namespace atlas::pg
