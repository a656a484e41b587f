// SPDX-License-Identifier: Apache-2.0
//
// Decides how much larger than what it reads the texts and lists of a user's statement can become.
//
//     the parser's JSON → [check_growth]: copies of the largest input that one value may hold
//
// The store counts the memory of its tables, sorts and groups, not that of the values in a chunk of
// 2,048 rows, and neither its limit of time nor a cancellation ends the work on a chunk, or on
// constants while it compiles. So what makes one value of many is bounded before the statement
// runs: joining (||, concat, lists, structs) counts its inputs, replacing the length of what comes
// in, subqueries multiply. What grows from chunk to chunk, as string_agg() does, is left to the
// limit of the process's memory (duckdb::Limits), but may not be spread over the rows of a join
// and built on.
//
// Threading  pure functions; any thread.
#pragma once

#include <boost/json/object.hpp>
#include <string_view>

#include "query/error.h"

namespace atlas::analytics {

// Copies of its largest input that one value of a statement may hold,
inline constexpr double kMaxCopies = 64;
// and bytes that copies of its literals and parameters may have.
inline constexpr double kMaxBuiltBytes = 262'144;

// `statement` passed check_statement(); `param_texts` are its text parameters, one after the
// other. Fails with sql_not_allowed.
query::Answer<void> check_growth(const boost::json::object& statement,
                                 std::string_view param_texts);

}  // namespace atlas::analytics
