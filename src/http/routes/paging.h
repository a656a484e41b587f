// SPDX-License-Identifier: Apache-2.0
//
// Pages of the lists of the catalog: page_size, page_token, next_page_token. A token holds the key
// after which to go on and a fingerprint of the list it belongs to.
//
// Threading  pure functions.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "http/server/handler.h"

namespace atlas::http {

struct Page {
    int size = 100;
    std::string after;  // empty: from the start
};

inline constexpr int kMaxPageSize = 1000;

// Reads both parameters. `scope` names what else decides about the list (its name, its filters);
// a token of another one is refused. The error is the answer.
Result<Page, Response> read_page(const Request& request, std::string_view scope);

std::string make_page_token(const Request& request, std::string_view scope,
                            std::string_view last_key);

// nullopt for anything that is not base64url without padding.
std::optional<std::string> decode_base64url(std::string_view text);
std::string encode_base64url(std::string_view bytes);

}  // namespace atlas::http
