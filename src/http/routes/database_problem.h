// SPDX-License-Identifier: Apache-2.0
//
// Turns the error of a failed statement into the response that clients see.
//
// Threading  pure function; any thread.
#pragma once

#include "http/server/problem.h"
#include "pg/error.h"

namespace atlas::http {

// What a failed statement means to a client: 503 database_unavailable or busy, with Retry-After,
// when repeating may help, else 500 internal. The server's message is logged, not sent.
Response problem(const pg::Error& error, const Request& request);
// The same for a statement that verifies credentials, before there is a request.
Response credentials_problem(const pg::Error& error);

}  // namespace atlas::http
