// SPDX-License-Identifier: Apache-2.0
//
// A position in the primary's log as clients hold it: an opaque text that a write returns and a
// later read demands.
//
//     commit → LogPosition → [ConsistencyToken] → text → client → text → [ConsistencyToken] → floor
//
// Layout, before base64url, numbers in network byte order:
//
//     version     1 byte   1
//     system      8 bytes  a hash of the server's system identifier
//     positions   1 byte   how many follow; 1, more where a database is spread over several servers
//     timeline    4 bytes  of each position
//     lsn         8 bytes
//     checksum    4 bytes  of everything before it
//
// So a damaged token and a truncated one are refused. It is no secret: it can only name a commit.
//
// Threading  plain data; pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/lsn.h"

namespace atlas::query {

inline constexpr std::size_t kMaxConsistencyTokenBytes = 1024;

struct ConsistencyToken {
    std::uint64_t system = 0;  // hash_of_system() of the server that committed
    LogPosition position;
    bool operator==(const ConsistencyToken&) const = default;
};

// Of the identifier that initdb chose, as the server writes it in decimal.
std::uint64_t hash_of_system(std::string_view system_id);

std::string encode_consistency_token(const ConsistencyToken& token);

// nullopt when the text is damaged, of another version, or names a position of several servers.
std::optional<ConsistencyToken> decode_consistency_token(std::string_view text);

}  // namespace atlas::query
