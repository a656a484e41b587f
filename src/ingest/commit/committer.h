// SPDX-License-Identifier: Apache-2.0
//
// Writes parts in one transaction: history and current state together, under the locks of the
// shards they touch. Joins the plan, which decides, and the transaction, which does the I/O.
//
//     parts → [Committer] → lock, read states, read history, write, COMMIT → token
//
// Order of work; the round trips grow with new shapes and with days to look back, not with rows:
//   0 register the shapes that are due, outside the transaction; 1 lock the shards, ascending;
//   2 read who wrote them last and the catalog's clock; 3 read the states that are not cached;
//   4 read observations of the same instants and, for late values, later ones; 5 COPY new rows,
//   merge the others; 6 update hot values; 7 commit; 8 read the log's position.
//
// Lifetime   one per writer; use() with each new session before run().
// Threading  the writer's thread.
#pragma once

#include <chrono>
#include <optional>
#include <span>

#include "ingest/commit/commit_outcome.h"
#include "ingest/commit/commit_plan.h"
#include "ingest/commit/commit_transaction.h"
#include "ingest/commit/state_cache.h"
#include "ingest/request/metrics.h"

namespace atlas::ingest {

class Committer {
public:
    Committer(catalog::Catalog& catalog, storage::ShapeRegistry& shapes, Metrics& metrics,
              std::size_t cache_bytes);

    // A new session: the cache is void. The connection outlives its use.
    void use(pg::Connection& connection);
    // The cache, or that an entity is fresh, turned out to be wrong: until the next commit every
    // state is read.
    void forget() {
        cache_.invalidate_all();
        trust_fresh_ = false;
    }
    // Writes the parts in one transaction. On `committed`, refusals and counts have reached the
    // jobs; otherwise nothing has. Leaves no transaction open on a usable connection. Blocks.
    CommitOutcome run(std::span<const Part> parts);
    // After run() could not lock its shards: CommitTransaction::end_stalled() for these.
    pg::Expected<int> end_stalled(std::chrono::milliseconds patience);

private:
    void name_shapes();
    Step<void> leave_out();
    Step<LogPosition> write();
    CommitOutcome committed(LogPosition token);

    catalog::Catalog& catalog_;
    storage::ShapeRegistry& shapes_;
    Metrics& metrics_;
    StateCache cache_;
    bool trust_fresh_ = true;
    CommitPlan plan_;
    pg::Connection* connection_ = nullptr;
    std::optional<CommitTransaction> transaction_;  // of this session
};

}  // namespace atlas::ingest
