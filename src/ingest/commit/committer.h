// SPDX-License-Identifier: Apache-2.0
//
// Writes parts in one transaction: history and current state together, under the locks of the
// shards they touch.
//
//     parts → [Committer] → BEGIN, locks, what changed?, states, COPY, updates, COMMIT → token
//
// Order of work, each step one round trip at most for any number of rows:
//   1 lock the shards, ascending; 2 read who wrote them last and the catalog's clock; 3 read the
//   states that are not remembered; 4 read observations of the same instants and, for late values,
//   later ones; 5 COPY new rows, merge the others; 6 update hot values; 7 commit; 8 ask for the
//   LSN.
//
// Lifetime   one per writer and connection.
// Threading  the writer's thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/lsn.h"
#include "catalog/catalog.h"
#include "ingest/commit/history_reader.h"
#include "ingest/commit/hot_changes.h"
#include "ingest/commit/merger.h"
#include "ingest/commit/state_cache.h"
#include "ingest/request/job.h"

namespace atlas::ingest {

struct CommitOutcome {
    enum class Status : std::uint8_t {
        committed,
        stale,      // nothing written; the catalogs of `parts` moved: validate them again
        refused,    // nothing written; `parts` are atomic and hold something that cannot be kept
        too_large,  // nothing written; what is stored at the same instants takes too much memory:
                    // split the parts. Never of a single row
        failed,     // see `error`; nothing written unless `in_doubt`
    };
    Status status = Status::failed;
    Lsn token;
    std::vector<std::size_t> parts;
    pg::Error error;
    bool in_doubt = false;  // the connection was lost during COMMIT
};

class Committer {
public:
    Committer(catalog::Catalog& catalog, storage::ShapeRegistry& shapes, std::size_t cache_bytes);

    // A new session: nothing that was remembered counts any more.
    void use(pg::Connection& connection);
    // What is remembered turned out to be wrong.
    void forget() { cache_.invalidate_all(); }
    // Writes the parts in one transaction. On `committed`, refusals and counts have reached the
    // jobs; otherwise nothing has. Leaves no transaction open on a usable connection.
    CommitOutcome run(std::span<Part> parts);
    // After run() could not lock its shards: ends sessions that hold them but have waited for their
    // client longer than `patience` (a gateway that was stopped in its COPY). Returns how many.
    int end_stalled(std::chrono::milliseconds patience);

private:
    struct Group {  // the rows of one entity, in the order of arrival
        std::uint32_t begin = 0;
        std::uint32_t end = 0;
        EntityKey key;
        EntityState state;
    };

    CommitOutcome commit(std::span<Part> parts);
    CommitOutcome fail(pg::Error error);
    pg::Expected<void> exec(std::string_view sql, const pg::Params& params = {});
    void collect(std::span<Part> parts);
    pg::Expected<void> assign_shapes();
    pg::Expected<std::int64_t> lock();  // the catalog's clock
    pg::Expected<std::vector<std::size_t>> stale_parts(std::span<Part> parts, std::int64_t clock);
    pg::Expected<void> load_states(std::span<Part> parts);
    pg::Expected<void> load_newest();
    pg::Expected<void> search_history(std::span<Part> parts);
    std::vector<std::size_t> drop_deleted(std::span<Part> parts);
    void drop_known_tags();
    static void forget_tags(EntityState& state, const storage::Layout& layout);
    static bool knows_tags(EntityState& state, const Row& row, bool reported, bool late);
    const storage::Layout* without_tags(const storage::Layout& layout);
    // False when it is more than a transaction takes.
    pg::Expected<bool> find_existing(std::span<const Part> parts);
    void plan_rows();
    void plan_instant(std::span<const std::uint32_t> same_instant);
    void apply_hot(std::span<Part> parts);
    pg::Expected<void> copy(std::string_view target, std::span<const Row> rows);
    pg::Expected<void> write_rows();
    pg::Expected<void> update_merged();
    pg::Expected<Lsn> write_hot_and_commit();  // the position of the log behind the commit
    void remember();

    catalog::Catalog& catalog_;
    storage::ShapeRegistry& shapes_;
    StateCache cache_;
    pg::Connection* connection_ = nullptr;
    std::int64_t writer_id_ = 0;
    bool has_merge_table_ = false;   // in this session, committed
    bool made_merge_table_ = false;  // by the transaction under way

    // Of the transaction under way.
    std::vector<Row> rows_;  // by entity, then arrival
    std::vector<Group> groups_;
    std::uint64_t shards_ = 0;  // one bit each
    std::deque<storage::Layout> layouts_;
    std::unordered_map<const storage::Layout*, const storage::Layout*> without_tags_;
    std::unordered_map<std::uint32_t, std::size_t> existing_of_row_;  // rows_ → existing_
    std::vector<StoredObservation> existing_;
    Merger merger_;
    std::vector<Row> new_rows_;
    std::vector<Row> merged_rows_;
    HotChanges hot_;
    std::unordered_map<std::uint32_t, std::uint64_t> overwritten_;  // by part
    std::vector<std::uint32_t> deleted_rows_;
    std::string buffer_;
};

}  // namespace atlas::ingest
