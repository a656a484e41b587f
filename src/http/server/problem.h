// SPDX-License-Identifier: Apache-2.0
//
// Errors as clients see them: application/problem+json (RFC 9457) with a code that never changes
// its meaning, and a detail: what happened, the limit or expectation, what to do.
//
//     return problem("attribute_not_hot", 400, "Attribute is not hot", "pressure is cold; …");
//
// `type` is urn:problem-type:atlas:<code>. Status 429 and 503 should go
// through with_retry_after().
//
// Threading  pure functions; any thread.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/server/handler.h"

namespace atlas::http {

// Further members of the problem: name and value, the value as JSON text.
using ProblemMembers = std::vector<std::pair<std::string, std::string>>;

Response problem(std::string_view code, int status, std::string_view title, std::string_view detail,
                 const ProblemMembers& members = {});

// A parameter that cannot be read: 400 invalid_parameter, with its name as `parameter`.
Response invalid_parameter(std::string_view name, std::string_view detail);

// 500 for an error of ours, which is logged with the id of the request.
Response internal_problem(std::string_view request_id);

// Adds Retry-After with whole seconds from 1 to 3, spread at random, so that clients that failed
// together do not retry together.
Response with_retry_after(Response response);

}  // namespace atlas::http
