// SPDX-License-Identifier: Apache-2.0
//
// Where a page of series ends: the point that did not fit. The same for every reader, so that a
// token of one is valid at every other.
//
// Threading  plain data; pure functions.
#pragma once

#include <optional>
#include <string>

#include "base/ids.h"
#include "base/time.h"
#include "query/series_request.h"

namespace atlas::query {

struct SeriesPlace {
    EntityId entity;  // 0 in a request for one entity, and of one curve over all
    Time at{};
    std::size_t attribute = 0;  // index into SeriesRequest::attributes
};

// The place that the request's page token names; nullopt without one. Sets from and to to those of
// the first page. The request is bound. Fails with invalid_page_token.
Answer<std::optional<SeriesPlace>> read_series_place(SeriesRequest& request);
// The token for the page that begins at `place`.
std::string series_page_token(const SeriesRequest& request, const SeriesPlace& place);

}  // namespace atlas::query
