// SPDX-License-Identifier: Apache-2.0
//
// Where a page of a list of entities ends: the keys of its last row. The same for every reader, so
// that a token of one is valid at every other.
//
// Threading  plain data; pure functions.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "query/requests.h"

namespace atlas::query {

// A place in an order: the keys of a row as text, and its internal id, which settles ties.
struct Place {
    std::vector<std::optional<std::string>> keys;
    EntityId id;
};

// The question of this list's page tokens: tenant, order and filter. The request is bound.
std::string question_of(const ListRequest& request);

// The place that the request's page token names; nullopt without one. Fails with
// invalid_page_token.
Answer<std::optional<Place>> read_place(const ListRequest& request);
// The token for the page after `last`.
std::string page_token(const ListRequest& request, const Place& last);

}  // namespace atlas::query
