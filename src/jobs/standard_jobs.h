// SPDX-License-Identifier: Apache-2.0
//
// The jobs that keep a database in order; each is safe to run twice, also at the same time.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "config/config.h"
#include "jobs/job.h"
#include "observe/metrics.h"

namespace atlas::jobs {

// Days from today to `days` ahead have their partitions.
Job partitions_job(std::int64_t days);
// A sign of life in the log.
Job heartbeat_job(std::chrono::milliseconds interval);
// Staged rows move to history and current state while there are any.
Job stage_flush_job(std::chrono::milliseconds interval, std::int64_t rows);
// The pending lists of the GIN indexes stay short.
Job pending_lists_job(std::chrono::milliseconds interval);
// Partitions that lie wholly before now minus `retention` are dropped.
Job retention_job(std::chrono::milliseconds retention);
// Accepted data points of this process enter write_throughput; `accepted` counts since its start.
Job throughput_job(std::string source, std::function<std::uint64_t()> accepted);

// Closed days are counted into attribute_stats, mv_entity_attribute_stats follows, and old rows of
// write_throughput go.
Job statistics_job();

// All of them, as configured.
std::vector<Job> standard_jobs(const config::Config& config);

}  // namespace atlas::jobs
