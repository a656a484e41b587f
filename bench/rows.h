// SPDX-License-Identifier: Apache-2.0
//
// Results of two programs, compared: rows as JSON arrays of cells.
//
//     HTTP response, PostgreSQL, ClickHouse → rows → [difference] → what is wrong
//
// Threading  pure functions.
#pragma once

#include <boost/json.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace atlas::bench {

// What the first difference is; nullopt: they are the same. Sums in another order differ in their
// last digits, so numbers may differ by 1e-9 of their size, or of one. Instants are the same in any
// spelling, and a number may be written as its digits.
std::optional<std::string> difference(const boost::json::array& ours,
                                      const boost::json::array& theirs);

// Throws std::runtime_error for what is not an array.
boost::json::array parse_rows(std::string_view json);

}  // namespace atlas::bench
