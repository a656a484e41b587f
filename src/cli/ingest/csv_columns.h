// SPDX-License-Identifier: Apache-2.0
//
// The columns of a CSV file by name, and what is wrong with them before the first row: names that
// the user gives and the file lacks, columns that fall on one another.
//
// Threading  pure functions.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/ingest/options.h"

namespace atlas::cli {

using Header = std::vector<std::string>;

// The column of that name: the same bytes, else the same without case and blanks at both ends.
std::optional<std::size_t> find_column(const Header& header, std::string_view name);
// The same; throws CommandError when there is none. `option` is for the message.
std::size_t need_column(const Header& header, std::string_view name, std::string_view option);

// What to say where a header of one cell would have more with another delimiter; else empty.
std::string delimiter_hint(const Header& header);

// Throws CommandError for an option that names no column, and for one name of several columns that
// an option or an attribute would need. `roles` are the columns that make no attribute.
void check_columns(const Header& header, const CsvOptions& options,
                   const std::vector<std::size_t>& roles);

// The attribute that a column makes: the name that --map gives it, or its own without blanks at
// both ends. Empty for a column without a name.
std::string attribute_of(const Header& header, std::size_t column, const CsvOptions& options);

// Whether an option's list of columns names this one.
bool is_listed(const Header& header, std::size_t column, const std::vector<std::string>& names);

}  // namespace atlas::cli
