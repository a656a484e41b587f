// SPDX-License-Identifier: Apache-2.0
//
// Turns the error of a read into the response that clients see.
//
// Threading  pure function; any thread.
#pragma once

#include "http/server/problem.h"
#include "query/error.h"
#include "query/token_desk.h"

namespace atlas::http {

// 400 with the invalid parameter or position; 403, 404 and 412 as their codes say; 503 with
// Retry-After where a retry may succeed; 500 for our own bugs, whose text goes to the log with
// the id of the request.
// `tokens` makes the tokens of freshness_not_met, which without it has none.
Response problem(const query::Error& error, const Request& request,
                 query::TokenDesk* tokens = nullptr);

}  // namespace atlas::http
