// SPDX-License-Identifier: Apache-2.0
//
// page_size and page_token, for every list: each has one parser here. Lists of the catalog take
// both at once; lists of entities and series read their tokens in query/.
//
// Threading  pure functions; any thread.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "http/server/handler.h"
#include "query/error.h"

namespace atlas::http {

// The parameter page_size, `fallback` when absent; a size above `most` counts as `most`. Fails with
// invalid_parameter.
query::Answer<int> read_page_size(const Request& request, int fallback, int most);

struct Page {
    int size = 100;
    std::string after;  // the last key of the page before; empty: from the start
};

inline constexpr int kMaxPageSize = 1000;

// Reads both parameters. `scope` names what else decides about the list (its name, its filters); a
// token of another scope or tenant is refused. The error is the response to send.
Result<Page, Response> read_page(const Request& request, std::string_view scope);

// The token for the page after `last_key`, for read_page() with the same scope.
std::string make_page_token(const Request& request, std::string_view scope,
                            std::string_view last_key);

}  // namespace atlas::http
