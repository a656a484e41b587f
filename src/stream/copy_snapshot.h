// SPDX-License-Identifier: Apache-2.0
//
// What a snapshot of the database shows, so that each transaction of the log is known to be in a
// copy or not. A position in the log cannot tell: a commit is in the log a moment before it is
// visible, with synchronous replication much earlier.
//
//     pg_current_snapshot() → [CopySnapshot] → copies of the database: analytics, index
//
// Threading  a value; pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "stream/change.h"

namespace atlas::stream {

struct CopySnapshot {
    // Where the log ended after it was taken: no transaction that ends later is in it.
    Position after;
    std::uint64_t oldest = 0;            // transactions before it have ended
    std::uint64_t next = 0;              // it and later ones have not
    std::vector<std::uint64_t> running;  // of those between, ascending

    // Whether it shows what the transaction did, which has committed. `xid` is without the epoch.
    bool shows(std::uint32_t xid) const;
};

// "10:20:10,14,15" as PostgreSQL writes it, with the position in front: "1 0/16B3748 10:20:10,14".
std::string to_string(const CopySnapshot& snapshot);
std::optional<CopySnapshot> parse_copy_snapshot(std::string_view text);

// "1 0/16B3748": timeline and position.
std::string to_string(const Position& position);
std::optional<Position> parse_position(std::string_view text);

}  // namespace atlas::stream
