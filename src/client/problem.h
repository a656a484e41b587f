// SPDX-License-Identifier: Apache-2.0
//
// What a response that is not 2xx says, for messages and decisions: problem+json as Atlas sends it,
// or the bare text of a proxy in between.
//
// Threading  pure function; any thread.
#pragma once

#include <string>

#include "client/http_client.h"

namespace atlas::client {

struct Problem {
    int status = 0;
    std::string code;    // "unknown_parameter"; empty when the response is not Atlas's
    std::string detail;  // a sentence for people, never empty
};

// For a response whose status is not 2xx. A body that is not Atlas's is quoted, 200 bytes of it.
Problem problem_of(const Response& response);

}  // namespace atlas::client
