// SPDX-License-Identifier: Apache-2.0
//
// Where a database server comes from: its system, and the timelines that led to the one it writes.
// Tells whether a position, as a token names it, is part of that.
//
//     timeline 1 ─────────┬─ ─ ─ ─  lost: written there after the promotion
//                         └── timeline 2 ────────┬─ ─ ─
//                                                └── timeline 3 ─────● flushed
//
// Lifetime   owns what it holds.
// Threading  plain data; const calls from any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/lsn.h"
#include "query/consistency_token.h"
#include "query/error.h"

namespace atlas::query {

// What a server makes of a token.
enum class TokenVerdict : std::uint8_t {
    good,
    other_system,
    unknown_timeline,  // above the server's own: this server never heard of it
    beyond_log,        // of the server's own timeline, and not written yet
    lost,              // of a timeline that ended before it, or is none of this server's
};

class ServerHistory {
public:
    struct Ended {
        std::int64_t timeline = 0;
        Lsn at;  // the end of the part that the next timeline continues
    };

    // `ended` in any order; timelines that are missing there count as lost.
    ServerHistory(std::string system_id, std::int64_t timeline, std::vector<Ended> ended);

    const std::string& system_id() const { return system_id_; }
    std::uint64_t system() const { return system_; }
    std::int64_t timeline() const { return timeline_; }  // that it writes

    // `flushed`: how far its log goes, as it was last known. The server may have gone on since, so
    // only `lost` is final.
    TokenVerdict judge(const ConsistencyToken& token, Lsn flushed) const;

private:
    std::string system_id_;
    std::uint64_t system_;
    std::int64_t timeline_;
    std::vector<Ended> ended_;
};

// What a token of a client says, also one of release 0.2, which is a bare LSN of the timeline that
// the server writes. Fails with invalid_consistency_token.
Answer<ConsistencyToken> read_token(std::string_view text, const ServerHistory& server);

// The error that a verdict other than `good` is for the client: invalid_consistency_token or
// token_from_lost_timeline.
Answer<void> refuse_unless_good(TokenVerdict verdict);

// The file of a timeline's history: a line per timeline before it, "1\t0/3000148\treason", and
// comments. Lines that are none are left out.
std::vector<ServerHistory::Ended> parse_timeline_history(std::string_view text);

}  // namespace atlas::query
