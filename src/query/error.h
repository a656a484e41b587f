// SPDX-License-Identifier: Apache-2.0
//
// Why a read has no response, in terms a route can turn into a problem. Up to limit_exceeded it is
// the caller's to correct, and `detail` says how; the rest says what became of the source.
//
// Threading  plain data; pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "query/snapshot.h"

namespace atlas::query {

enum class ErrorCode : std::uint8_t {
    invalid_filter,       // position and expected are set
    unknown_attribute,    // no value was ever written under that name; position where in a filter
    attribute_not_hot,    // known, but not part of the current state; detail says how to promote
    invalid_order_by,     // unknown field or direction
    invalid_page_token,   // damaged, or made for another list, filter, order or range
    invalid_parameter,    // `parameter` names it
    time_range_too_wide,  // detail names the limit and the way to analytics
    too_much_data,    // the response would take more than one request may; detail says what to cut
    tenant_inactive,  // the tenant is inactive, or does not exist
    entity_not_found,
    entity_deleted,
    invalid_json,               // the body of a request
    unknown_field,              // of a body; `parameter` is its path
    invalid_field,              // of a body; `parameter` is its path, such as measures[1].agg
    sql_not_allowed,            // detail names what was refused; position
    invalid_sql,                // position, where the statement does not parse
    query_not_found,            // no named query has that name
    limit_exceeded,             // one query took more than it may; `parameter` is time or memory
    analytics_unavailable,      // no analytics store can be reached: retry
    invalid_consistency_token,  // damaged, of another server, or of no commit that it has
    token_from_lost_timeline,   // a failover lost the commit that the token names
    freshness_not_met,  // no source is fresh enough; `best` describes the freshest that was seen
    not_held,           // the source lacks part of what the request wants: ask another one
    unavailable,        // the source cannot be reached: retry, here or elsewhere
    busy,               // the source did not respond in time: retry
    internal,           // a bug; `detail` is for the log alone. Retrying fails again
};

// The stable word of the API.
std::string_view to_string(ErrorCode code);

// Whether the same request may succeed at another source, or later at this one.
constexpr bool is_retryable(ErrorCode code) {
    return code == ErrorCode::unavailable || code == ErrorCode::busy ||
           code == ErrorCode::not_held || code == ErrorCode::analytics_unavailable;
}

struct Error {
    ErrorCode code = ErrorCode::internal;
    std::string detail = {};
    std::string parameter = {};
    std::optional<std::uint32_t> position = std::nullopt;  // in a filter or SQL, characters from 1
    std::string expected = {};                             // what would be valid there
    std::optional<LogPosition> wanted = std::nullopt;  // of freshness_not_met: the commit demanded
    std::optional<Snapshot> best = std::nullopt;       // and the freshest that was seen
};

template <class T>
using Answer = Result<T, Error>;

// Errors with their detail filled in.
Error field_error(std::string path, std::string detail);
Error parameter_error(std::string parameter, std::string detail);
Error invalid_page_token();
Error invalid_consistency_token(std::string detail);
Error not_held(std::string detail);
Error entity_not_found(std::string_view entity);
Error entity_deleted(std::string_view entity);

}  // namespace atlas::query
