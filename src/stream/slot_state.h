// SPDX-License-Identifier: Apache-2.0
//
// Decides, before a session begins, whether a follower can go on from its checkpoint on this server
// and slot. PostgreSQL does not: it accepts a position that it has not reached, and then withholds
// every commit below it.
//
//     identify(), history, slot query, checkpoint → [refusal] → Fanout::admit
//
// Threading  any thread; pure functions, but for find_slot() and history_of().
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "pg/connection.h"
#include "pg/replication.h"
#include "query/server_history.h"
#include "stream/subscriber.h"

namespace atlas::stream {

struct SlotState {
    Lsn confirmed;                // what was committed before it does not come again
    bool lost = false;            // the server has deleted log that it needs
    bool ours = true;             // of this database, with pgoutput
    std::int32_t active_pid = 0;  // of the session that reads it; 0: none
    std::uint64_t retained_bytes = 0;
};

// Blocks for a round trip. nullopt: the server has no such slot.
pg::Expected<std::optional<SlotState>> find_slot(pg::Connection& connection, std::string_view name);

// Which timelines led to the one that the server writes. Blocks for a round trip after a promotion.
pg::Expected<query::ServerHistory> history_of(pg::ReplicationSession& session,
                                              const pg::ServerIdentity& server);

// Why a follower cannot go on; nullopt: it can, also from an earlier timeline of the server's
// history. `flushed`: how far the server's log goes. `slot` is nullopt where there is none (any
// more).
std::optional<Error> refusal(const query::ServerHistory& server, Lsn flushed,
                             const std::optional<SlotState>& slot, const Checkpoint& checkpoint);

}  // namespace atlas::stream
