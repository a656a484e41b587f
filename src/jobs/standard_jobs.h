// SPDX-License-Identifier: Apache-2.0
//
// The jobs that keep a database in order; each is safe to run twice, also at the same time.
//
//     configuration → [standard_jobs] → Runner
//
// Lifetime   jobs own what they need; `accepted` of throughput_job() outlives the runner.
// Threading  each job on its thread in the runner; `accepted` is called there.
// Errors     a run fails as its statement failed.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "config/config.h"
#include "jobs/job.h"
#include "observe/metrics.h"

namespace atlas::jobs {

// Creates the partitions from yesterday to `days` ahead.
Job partitions_job(std::int64_t days);
// Writes a heartbeat to the log.
Job heartbeat_job(std::chrono::milliseconds interval);
// Moves staged rows to history and current state, `rows` per transaction, until none can be moved.
Job stage_flush_job(std::chrono::milliseconds interval, std::int64_t rows);
// Empties the pending lists of the GIN indexes, which every filter scans.
Job pending_lists_job(std::chrono::milliseconds interval);
// Carries out what retypes, renames and drops of attributes left to do in the current state: where
// the request that made the change took too long, or its gateway ended.
Job attribute_changes_job();
// Makes the rows of current state that entities lack: some entities per run, and after the last one
// the first again.
Job missing_states_job();
// Drops the partitions that end before now minus `retention`. Waits at most 2 s for each lock.
Job retention_job(std::chrono::milliseconds retention);
// Drops replication slots whose owner has been gone for `lease`, but not those of durable roles.
Job stream_slots_job(std::chrono::milliseconds lease);
// Adds the data points accepted by this process to write_throughput; `accepted` counts them since
// its start. Runs in every process.
Job throughput_job(std::string source, std::function<std::uint64_t()> accepted);

// Counts closed days into attribute_stats, refreshes mv_entity_attribute_stats, and deletes old
// rows of write_throughput.
Job statistics_job();

// All of them but the throughput job, as configured.
std::vector<Job> standard_jobs(const config::Config& config);

}  // namespace atlas::jobs
