// SPDX-License-Identifier: Apache-2.0
//
// What became of the data points of one request: which were rejected and why, which were
// overwritten. Parsers, validators and writers report it here for the response.
//
//     refuse_point(), refuse_item(), count_…() → [OutcomeBuilder] → build() → WriteOutcome
//
// Lifetime   part of its job; borrows the job's batch.
// Threading  any thread. Until the batch is parsed only its parser may call anything but build().
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "ingest/request/batch.h"
#include "ingest/request/write.h"

namespace atlas::ingest {

class OutcomeBuilder {
public:
    OutcomeBuilder(const Batch& batch, Format format) : batch_(batch), format_(format) {}

    // Rejects a data point by its place in the observation. A second call changes nothing, so rows
    // can be validated twice.
    void refuse_point(std::uint32_t observation, std::uint32_t place, ItemCode code,
                      std::string detail);
    // Rejects the data points of an observation that are not rejected yet.
    void refuse_item(std::uint32_t observation, ItemCode code, std::string detail);
    // Line protocol: no field of the observation is stored, and so none of its tags; they count as
    // neither accepted nor rejected. A second call changes nothing.
    void drop_tags(std::uint32_t observation);
    // Line protocol: how many lines the parser rejected whole.
    void set_refused_lines(std::uint64_t lines);
    // Data points that a later one of the same request replaced.
    void count_overwritten(std::uint64_t points);

    // A point stays rejected, even if the catalog allows it by the time its row is validated again.
    bool has_refused_points() const;
    bool is_refused(std::uint32_t observation, std::uint32_t place) const;
    std::uint64_t refused() const;  // data points, the parser's included

    // The outcome; call it once. It has counts and errors with `done` and `refused` only: with
    // another status the batch may not be parsed yet. `done` with nothing accepted becomes
    // `refused`.
    WriteOutcome build(WriteStatus status, std::string detail, LogPosition token);

private:
    void record(std::uint32_t observation, std::string attribute, ItemCode code,
                std::string detail);
    void add_errors(WriteOutcome& outcome);
    std::uint64_t lines_that_lost() const;
    std::uint64_t fields_stored() const;

    const Batch& batch_;
    const Format format_;
    mutable std::mutex mutex_;
    std::uint64_t refused_ = 0;                                    // without the parser's
    std::unordered_set<std::uint64_t> refused_points_;             // observation << 32 | place
    std::unordered_map<std::uint32_t, std::uint32_t> refused_of_;  // points, by observation
    std::unordered_set<std::uint32_t> without_tags_;               // observations
    std::uint64_t dropped_tags_ = 0;
    std::uint64_t refused_lines_ = 0;
    std::uint64_t overwritten_ = 0;
    std::vector<ItemError> errors_;
    bool errors_truncated_ = false;
};

}  // namespace atlas::ingest
