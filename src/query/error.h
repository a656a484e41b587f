// SPDX-License-Identifier: Apache-2.0
//
// Why a read has no answer, in terms a route can turn into a problem: every value but `database`
// is the caller's to mend, and `detail` says how.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "pg/connection.h"

namespace atlas::query {

enum class ErrorCode : std::uint8_t {
    invalid_filter,       // position and expected are set
    unknown_attribute,    // no value was ever written under that name; position where in a filter
    attribute_not_hot,    // known, but not part of the current state; detail says how to promote
    invalid_order_by,     // unknown field or direction
    invalid_page_token,   // damaged, or made for another filter, order or range
    invalid_parameter,    // `parameter` names it
    time_range_too_wide,  // detail names the limit and the way to analytics
    too_much_data,  // the answer would take more than one request may; detail says what to cut
    entity_not_found,
    entity_deleted,
    database,  // the statement failed; `cause` says whether another try may help
};

// The stable word of the API.
std::string_view to_string(ErrorCode code);

struct Error {
    ErrorCode code = ErrorCode::database;
    std::string detail = {};
    std::string parameter = {};
    std::optional<std::uint32_t> position = std::nullopt;  // in characters from 0, in a filter
    std::string expected = {};                             // what would have been right there
    std::optional<pg::Error> cause = std::nullopt;
};

template <class T>
using Answer = Result<T, Error>;

Error database_error(pg::Error cause);
Error parameter_error(std::string parameter, std::string detail);

}  // namespace atlas::query
