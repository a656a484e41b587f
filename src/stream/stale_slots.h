// SPDX-License-Identifier: Apache-2.0
//
// Drops replication slots of Atlas that no process reads any more: what they hold back fills the
// disk. The slots of durable roles are only alarmed.
//
//     jobs/standard_jobs.cc, in the leader → [StaleSlots] → stream_slots, pg_replication_slots
//
// Lifetime   that of the job.
// Threading  one run at a time.
#pragma once

#include <chrono>

#include "observe/log.h"
#include "pg/connection.h"

namespace atlas::stream {

class StaleSlots {
public:
    // A slot is dropped once its owner has been gone for `lease`, or when the server no longer
    // keeps the log that it needs. The session of an owner that was stopped is ended first.
    explicit StaleSlots(std::chrono::milliseconds lease) : lease_(lease) {}

    // Safe to run twice, also at the same time; a slot that is still being read is left for the
    // next run. Fails as a statement failed, with 42501 where the role lacks REPLICATION and there
    // is something to drop.
    pg::Expected<void> run(pg::Connection& connection);

private:
    pg::Expected<void> drop(pg::Connection& connection);
    pg::Expected<void> alarm(pg::Connection& connection);

    const std::chrono::milliseconds lease_;
    observe::Throttle throttle_{std::chrono::minutes{10}};
};

}  // namespace atlas::stream
