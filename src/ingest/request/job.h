// SPDX-License-Identifier: Apache-2.0
//
// One request on its way: its batch, what became of its data points so far, and how many parts of
// it are still to be committed. A request is split by shard into parts, one per writer; it is
// answered when the last of them has ended.
//
//     WriteRequest → [Job] → Part, Part … → transactions → WriteOutcome
//
// Lifetime   shared by its parts; the request is answered exactly once.
// Threading  the batch is read by all; everything mutable is behind a mutex.
#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "ingest/request/batch.h"
#include "ingest/request/memory_charge.h"
#include "ingest/request/row.h"
#include "model/tenant_catalog.h"
#include "storage/layout.h"

namespace atlas::ingest {

class Job {
public:
    explicit Job(WriteRequest write);

    WriteRequest request;  // without its body, which the batch took
    Batch batch;
    MemoryCharge charge;              // of all this
    std::uint64_t lines_refused = 0;  // line protocol: whole, by the parser
    std::vector<EntityId> entities;   // by observation; 0 until resolved, or refused

    // Records a refused data point by its place in the observation; recording it again changes
    // nothing, so that rows can be validated twice.
    void refuse_point(std::uint32_t observation, std::uint32_t place, ItemCode code,
                      std::string detail);
    // What was refused stays so, whatever the catalog says by the time rows are validated again.
    bool has_refused_points() const;
    bool is_refused(std::uint32_t observation, std::uint32_t place) const;
    // Refuses what is left of an observation.
    void refuse_item(std::uint32_t observation, ItemCode code, std::string detail);
    void count_overwritten(std::uint64_t points);
    std::uint64_t refused() const;
    bool expired(std::chrono::steady_clock::time_point now) const {
        return now >= request.deadline;
    }

    // Before the parts are handed out; a job without parts is finished by finish().
    void set_parts(int parts);
    void add_part();  // a part was split in two
    void part_committed(Lsn token);
    // The part will not be committed: kept nothing (refused, busy), or not known (unavailable).
    void part_failed(WriteStatus status, std::string detail);
    // The first call answers; later ones change nothing.
    void finish(WriteStatus status, std::string detail);
    bool finished() const;

private:
    void record(std::uint32_t observation, std::string attribute, ItemCode code,
                std::string detail);
    void end_part(WriteStatus status, std::string detail, Lsn token);
    WriteOutcome outcome(WriteStatus status, std::string detail);
    std::uint64_t lines_that_lost() const;
    std::uint64_t fields_kept() const;

    mutable std::mutex mutex_;
    int parts_ = 0;
    bool finished_ = false;
    bool committed_ = false;  // a part was
    std::uint64_t refused_ = 0;
    std::unordered_set<std::uint64_t> refused_points_;             // observation << 32 | place
    std::unordered_map<std::uint32_t, std::uint32_t> refused_of_;  // points, by observation
    std::uint64_t overwritten_ = 0;
    std::vector<ItemError> errors_;
    bool errors_truncated_ = false;
    WriteStatus status_ = WriteStatus::done;
    std::string detail_;
    Lsn token_;
};

// The layouts of one validation and the catalog they follow.
struct LayoutSet {
    model::TenantCatalogPtr catalog;
    std::deque<storage::Layout> layouts;
};

// The rows of one job that one transaction writes.
struct Part {
    std::shared_ptr<Job> job;
    std::shared_ptr<const LayoutSet> layouts;
    std::vector<Row> rows;  // in the order of the items
    std::size_t bytes = 0;  // its share of the job's memory
};

}  // namespace atlas::ingest
