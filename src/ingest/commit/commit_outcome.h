// SPDX-License-Identifier: Apache-2.0
//
// How one attempt at a transaction ended: what the committer tells its writer.
//
// Threading  plain data; any thread.
#pragma once

#include <cstdint>
#include <vector>

#include "base/lsn.h"
#include "base/result.h"
#include "pg/connection.h"

namespace atlas::ingest {

struct CommitOutcome {
    enum class Status : std::uint8_t {
        committed,
        stale,      // nothing written; the catalogs of `parts` moved: validate them again
        vanished,   // nothing written; entities of `parts` are gone, and no epoch says so
        refused,    // nothing written; `parts` are atomic and hold something that is refused
        too_large,  // nothing written; what is stored at the same instants takes too much memory:
                    // split the parts. Never of a single row
        failed,     // see `error`; nothing written unless `in_doubt`
    };
    Status status = Status::failed;
    LogPosition token;
    std::vector<std::size_t> parts;
    pg::Error error;
    bool in_doubt = false;  // the connection was lost during COMMIT
};

// What one step of a transaction returns: its value, or how the transaction ends with it.
template <class T>
using Step = Result<T, CommitOutcome>;

inline CommitOutcome failed(pg::Error error) {
    CommitOutcome outcome;
    outcome.error = std::move(error);
    return outcome;
}

}  // namespace atlas::ingest
