// SPDX-License-Identifier: Apache-2.0
//
// The I/O of a transaction: locks, reads what its plan asks for, writes what its plan decided. Its
// round trips grow with the days that it has to look back, not with the rows.
//
//     CommitPlan ⇄ [CommitTransaction] ⇄ PostgreSQL
//
// Lifetime   one per session; transactions follow one another: lock() … write(), or roll_back()
//            after any step that failed.
// Threading  the writer's thread; every step blocks on the connection.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/lsn.h"
#include "catalog/catalog.h"
#include "ingest/commit/commit_outcome.h"
#include "ingest/commit/commit_plan.h"
#include "ingest/commit/state_cache.h"

namespace atlas::ingest {

class CommitTransaction {
public:
    // A new session: nothing that the cache holds counts any more.
    CommitTransaction(pg::Connection& connection, catalog::Catalog& catalog, StateCache& cache);

    // Begins the transaction, locks the plan's shards in ascending order, drops the cached states
    // of those that another writer wrote, and compares the catalogs of the parts (`stale`).
    Step<void> lock(const CommitPlan& plan);
    // Fills in the states of the plan's groups: from the cache, which gives them away, or from the
    // database (`vanished`).
    Step<void> read_states(CommitPlan& plan);
    // Runs the plan's searches, and reads the observations that its rows may meet (`too_large`).
    Step<void> read_history(CommitPlan& plan);
    // Writes rows and hot values and commits. Returns a position of the log that is at or after the
    // commit; none when everything is committed but the position could not be read.
    Step<LogPosition> write(const CommitPlan& plan);
    // Leaves no transaction open on a usable connection; if ROLLBACK fails, the session is of no
    // more use.
    void roll_back();

    // Ends sessions that hold locks of these shards (one bit each) but have waited for their client
    // longer than `patience`: a gateway that was stopped in its COPY. Returns how many.
    pg::Expected<int> end_stalled(std::uint64_t shards, std::chrono::milliseconds patience);

private:
    pg::Expected<void> exec(const SqlText& sql, const pg::Params& params = {});
    pg::Expected<std::int64_t> lock_shards(std::uint64_t shards);  // the catalogs' clock
    pg::Expected<std::vector<std::size_t>> stale_parts(std::span<const Part> parts,
                                                       std::int64_t clock);
    pg::Expected<void> create_merge_table();
    pg::Expected<void> copy(std::string_view target, std::span<const Row> rows);
    pg::Expected<void> write_rows(const CommitPlan& plan);
    pg::Expected<void> copy_states(const HotChanges::States& states);
    pg::Expected<LogPosition> write_hot_and_commit(const CommitPlan& plan);

    pg::Connection& connection_;
    catalog::Catalog& catalog_;
    StateCache& cache_;
    const std::int64_t writer_id_;
    bool has_merge_table_ = false;   // in this session, committed
    bool made_merge_table_ = false;  // by the current transaction
    std::string buffer_;
};

}  // namespace atlas::ingest
