// SPDX-License-Identifier: Apache-2.0
//
// Why a read has no response, as clients see it.
//
// Threading  pure function; any thread.
#pragma once

#include "http/server/problem.h"
#include "query/error.h"

namespace atlas::http {

// 400 with the parameter or position at fault; 403, 404 and 412 as their codes say; 503 with
// Retry-After where a retry may succeed; 500 for our own bugs, whose text stays in the log.
Response problem(const query::Error& error);

}  // namespace atlas::http
