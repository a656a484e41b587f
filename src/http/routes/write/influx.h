// SPDX-License-Identifier: Apache-2.0
//
// What Telegraf and other clients of InfluxDB 1.x and 2.x expect: /write, /api/v2/write, /ping,
// /health and as much of /query as they need to begin.
//
// These routes alone take the token as those clients send it: ?u=…&p=TOKEN, Token user:TOKEN.
//
// 1.x clients drop a batch on any 4xx and take certain words in an error for "delivered", so /write
// responds 503 where /api/v2/write may respond 429, and avoids those words.
//
// Threading  handlers do not block; responses to writes come from a thread of the sink.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "http/server/handler.h"
#include "http/server/readiness.h"
#include "ingest/request/write.h"
#include "query/token_desk.h"

namespace atlas::http {

enum class InfluxVersion : std::uint8_t { v1, v2 };

// Both references outlive the routes and every response owed.
std::vector<Route> influx_routes(ingest::WriteSink& sink, query::TokenDesk& tokens,
                                 const Readiness& readiness);

// ns, us, ms, s; for 1.x also n, u, m, h. Empty counts as ns.
std::optional<ingest::Precision> parse_precision(std::string_view word, InfluxVersion version);

Response influx_answer(const ingest::WriteOutcome& outcome, InfluxVersion version,
                       query::TokenDesk& tokens);

// The response to a query in InfluxQL.
Response influx_query_answer(std::string_view query);

}  // namespace atlas::http
