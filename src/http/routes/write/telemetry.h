// SPDX-License-Identifier: Apache-2.0
//
// POST /v1/telemetry: bytes to the ingest path, its outcome as status and JSON.
//
//     Request → WriteRequest → [WriteSink] → WriteOutcome → Response
//
// Threading  the handler does not block; the response comes from a thread of the sink.
#pragma once

#include <vector>

#include "http/server/handler.h"
#include "ingest/request/write.h"
#include "query/token_desk.h"

namespace atlas::http {

// A response leaves at the latest 4 s after the last byte; the rest is for sending it.
inline constexpr std::chrono::milliseconds kWriteDeadline{3800};

// The sink outlives the routes and every response owed.
std::vector<Route> telemetry_routes(ingest::WriteSink& sink, query::TokenDesk& tokens);

// What a client asked for beside the data.
struct WriteFlags {
    bool atomic = false;
    bool dry_run = false;  // validate and store nothing
};

// The response of /v1/telemetry to an outcome.
Response telemetry_answer(const ingest::WriteOutcome& outcome, WriteFlags flags,
                          query::TokenDesk& tokens);

}  // namespace atlas::http
