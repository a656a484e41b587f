// SPDX-License-Identifier: Apache-2.0
//
// What a user has to know of a database server that Atlas does not control: settings that weaken
// what a 200 promises, slots of others that hold back the log, and where the log ends.
//
//     writers, /v1/status, start-up → [these] → sql/queries/server
//
// Lifetime   functions without state.
// Threading  any thread with a connection of its own; each blocks for a round trip.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/lsn.h"
#include "pg/connection.h"

namespace atlas::catalog {

// One line each, for a person: the setting, what can be lost, what to do. Empty when acknowledged
// data survives a crash of the server's machine. For the session's own role and database.
pg::Expected<std::vector<std::string>> weak_settings(pg::Connection& connection);

struct ForeignSlot {
    std::string name;
    std::string type;    // logical, physical
    std::string plugin;  // empty: physical
    bool active = false;
    std::int64_t retained_bytes = 0;  // of the log
    std::string wal_status;           // reserved, extended, unreserved, lost; empty: holds nothing
};

struct ServerState {
    Lsn position;                       // the end of its log
    std::vector<std::string> warnings;  // as weak_settings()
    std::vector<ForeignSlot> slots;     // that Atlas did not make, the largest first
};

// In one round trip. No slots where the database has the objects of an older program.
pg::Expected<ServerState> server_state(pg::Connection& connection);

}  // namespace atlas::catalog
