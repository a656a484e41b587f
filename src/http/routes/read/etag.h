// SPDX-License-Identifier: Apache-2.0
//
// Conditional reads: a client that polls sends the ETag of what it has, and gets 304 without a body
// while nothing has changed.
//
//     members of a response → etag_of() → conditional(response, etag, request)
//
// Threading  pure functions.
#pragma once

#include <string>
#include <string_view>

#include "http/server/handler.h"

namespace atlas::http {

// A weak validator of what a response says, but for `_metadata`, which says something else each
// time.
std::string etag_of(std::string_view members);

// Whether If-None-Match (RFC 9110, section 13.1.2) names the validator, by weak comparison.
bool names_etag(std::string_view if_none_match, std::string_view etag);

// A response with 200 as it is for a client that may have it already.
Response conditional(Response response, const std::string& etag, const Request& request);

}  // namespace atlas::http
