// SPDX-License-Identifier: Apache-2.0
//
// One request on its way: its batch, what became of its data points, and how many of its parts have
// not ended. It responds once: when the last part has ended, or before if the request is given up.
//
//     WriteRequest → [Job] → Part, Part … → transactions → WriteOutcome
//
// Lifetime   shared by its parts and the thread that parses it; outlives its response.
// Threading  request, batch and entities have one writer, the parsing thread, until
//            parts are handed out; after that they do not change. Everything else from any thread.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/lsn.h"
#include "ingest/request/batch.h"
#include "ingest/request/countdown.h"
#include "ingest/request/memory_charge.h"
#include "ingest/request/outcome_builder.h"

namespace atlas::ingest {

class Job {
public:
    explicit Job(WriteRequest write);

    WriteRequest request;  // without its body, which the batch took
    Batch batch;
    OutcomeBuilder outcome;
    MemoryCharge charge;              // of all this
    std::vector<EntityId> entities;   // by observation; 0 until resolved, or refused
    std::int64_t entities_epoch = 0;  // of the tenant's entities when they were resolved

    // With atomic=true something was refused: nothing of the request may be written.
    bool refused_as_a_whole() const { return request.atomic && outcome.refused() > 0; }
    bool expired(std::chrono::steady_clock::time_point now) const {
        return now >= request.deadline;
    }

    // Before the parts are handed out; a job without parts is ended by finish().
    void set_parts(int parts) { countdown_.set_parts(parts); }
    void add_part() { countdown_.add_part(); }  // one was divided in two

    // Each part ends with one of these; the last responds.
    void part_committed(LogPosition token);
    // Nothing of the part is to be written: all its rows were refused, or the request as a whole.
    // `outcome` was told before what and why.
    void part_refused();
    // Nothing of the part is stored, and no part of the tenant will be.
    void part_tenant_inactive();
    void part_tenant_unknown();  // likewise, under the name of the request
    // It is not known whether the part is stored.
    void part_unavailable(std::string detail);

    // Responds now, whatever the parts do. Changes nothing after the response.
    void finish(WriteStatus status, std::string detail);
    bool finished() const { return countdown_.closed(); }

private:
    void end(std::optional<RequestEnd> end);

    Countdown countdown_;
};

}  // namespace atlas::ingest
