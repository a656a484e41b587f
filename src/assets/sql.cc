// SPDX-License-Identifier: Apache-2.0
#include "assets/sql.h"

#include <algorithm>
#include <span>
#include <stdexcept>

#include <fmt/format.h>

namespace atlas::sql {
namespace {

struct Row {
    std::string_view path;
    const char* begin;
    const char* end;
};

#include "sql_table.inc"

// The last row only keeps the array from being empty.
std::span<const Row> rows() {
    return std::span(kRows).first(std::size(kRows) - 1);
}

std::string_view name_of(std::string_view path) {
    constexpr std::string_view kFolder = "queries/";
    if (path.starts_with(kFolder)) path.remove_prefix(kFolder.size());
    return path.substr(0, path.rfind('.'));
}

}  // namespace

SqlText text(std::string_view path) {
    const auto found = std::ranges::lower_bound(rows(), path, {}, &Row::path);
    if (found == rows().end() || found->path != path)
        throw std::out_of_range(fmt::format("sql/{} is not embedded in this program", path));
    return {std::string_view(found->begin, found->end), name_of(found->path)};
}

std::vector<std::string_view> list(std::string_view prefix) {
    std::vector<std::string_view> paths;
    for (const Row& row : rows())
        if (row.path.starts_with(prefix)) paths.push_back(row.path);
    return paths;
}

}  // namespace atlas::sql
