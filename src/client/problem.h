// SPDX-License-Identifier: Apache-2.0
//
// What an answer that is not 2xx says, typed: problem+json as Atlas sends it, or the bare text of
// whatever stands between.
#pragma once

#include <string>

#include "client/http_client.h"

namespace atlas::client {

struct Problem {
    int status = 0;
    std::string code;    // "unknown_parameter"; empty when the answer is not Atlas's
    std::string detail;  // a sentence for people, never empty
};

// For an answer whose status is not 2xx.
Problem problem_of(const Response& response);

}  // namespace atlas::client
