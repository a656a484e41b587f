// SPDX-License-Identifier: Apache-2.0
//
// The files of sql/, as the build embedded them.
//
//     sql/**/*.sql → build (cmake/Embed.cmake) → [this table] → migrations, queries
//
// Lifetime   everything returned lives as long as the program.
// Threading  constant data; any thread.
#pragma once

#include <string_view>
#include <vector>

#include "base/sql_text.h"

namespace atlas::sql {

// The text of one file, by its path under sql/: text("queries/tenants/find.sql"). Its name is the
// path without "queries/" and ".sql". Asking for a file that does not exist is a mistake of ours
// and throws std::out_of_range with the path. A binary search; queries of the hot path ask once.
// The text is followed by a NUL byte, so data() is a C string.
SqlText text(std::string_view path);

// The paths that begin with `prefix`, in byte order: list("migrations/"). Empty when there are
// none.
std::vector<std::string_view> list(std::string_view prefix);

}  // namespace atlas::sql
