// SPDX-License-Identifier: Apache-2.0
//
// POST /v1/telemetry: bytes to the ingest path, its outcome as status and JSON.
//
//     Request → WriteRequest → [WriteSink] → WriteOutcome → Response
#pragma once

#include <vector>

#include "http/server/handler.h"
#include "ingest/request/write.h"

namespace atlas::http {

// An answer leaves at the latest 4 s after the last byte; the rest is for writing it.
inline constexpr std::chrono::milliseconds kWriteDeadline{3800};

// The sink outlives the routes and every answer owed.
std::vector<Route> telemetry_routes(ingest::WriteSink& sink);

// The answer for an outcome, as /v1/telemetry gives it.
Response telemetry_answer(const ingest::WriteOutcome& outcome, bool atomic);

}  // namespace atlas::http
