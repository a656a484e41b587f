// SPDX-License-Identifier: Apache-2.0
//
// The contract of a source of responses. The primary, and later replicas, the live index, the
// cache, the analytics store and another process reached over HTTP, implement it; so does the
// router over them. Their callers (the HTTP routes) know nothing else of a source.
//
//     request → [Reader] → answer with its Snapshot
//
// A reader binds the request to the tenant's catalog itself, and binds it again to a newer catalog
// where a name is unknown: it may be new. Each method fails with the codes of its request's
// bind(), and with tenant_inactive, invalid_page_token, too_much_data, unavailable, busy, internal.
// A page token that one reader made is valid at every other: see query/place.h, series_place.h.
//
// Demand: the router compares it with the source's lag and with what the answer holds; a source
// reads what it has. Snapshot: a reader sets as_of and position, the router source and lag.
//
// Lifetime   longer than every request.
// Threading  any thread; every call may block.
#pragma once

#include "query/answers.h"
#include "query/error.h"
#include "query/requests.h"
#include "query/series_request.h"

namespace atlas::query {

class Reader {
public:
    virtual ~Reader() = default;
    // One entity. Also fails with entity_not_found, entity_deleted.
    virtual Answer<EntityAnswer> get(const GetRequest& request) = 0;
    // One page of the entities that match, in the request's order.
    virtual Answer<EntityPage> list(const ListRequest& request) = 0;
    // One page of series, of one entity (retired or not) or of a fleet. Also fails with
    // entity_not_found.
    virtual Answer<SeriesPage> series(const SeriesRequest& request) = 0;
};

}  // namespace atlas::query
