// SPDX-License-Identifier: Apache-2.0
//
// Decides whether a user's statement is small enough to be parsed and compiled.
//
//     text → [check_text] → the store's parser → check_statement → [check_size] → compiled
//
// While the store parses and compiles a statement, no limit of time or memory holds: it looks for
// an interrupt between some of its steps alone, and a few of them grow with the square or the power
// of what is written. So both are bounded by what is seen before: copies that the parser makes
// (CASE x WHEN …, named windows), relations that are read, queries in each other's expressions, and
// parts once aliases, stars and pivots are what they say.
//
// Threading  pure functions; any thread.
#pragma once

#include <boost/json/object.hpp>
#include <string_view>

#include "query/error.h"

namespace atlas::analytics {

// What a statement's FROM clauses may name, together.
inline constexpr int kMaxSources = 40;
// Queries in expressions of each other.
inline constexpr int kMaxNested = 6;
// Columns, literals, functions and operators; and those times the sources.
inline constexpr int kMaxParts = 10'000;
inline constexpr int kMaxPartsOfSources = 20'000;
// Words and signs that the parser makes of the text.
inline constexpr int kMaxWords = 50'000;

// Before the statement is parsed. Fails with sql_not_allowed.
query::Answer<void> check_text(std::string_view sql);

// Whether one of the words of the text, in lower case, is this one; quoted ones do not count.
bool has_word(std::string_view sql, std::string_view word);

// `statement` passed check_statement(). Fails with sql_not_allowed.
query::Answer<void> check_size(const boost::json::object& statement);

}  // namespace atlas::analytics
