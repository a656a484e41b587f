// SPDX-License-Identifier: Apache-2.0
#include "cli/ingest/csv_columns.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "cli/ingest/cell.h"

namespace atlas::cli {
namespace {

std::string plain(std::string_view name) {
    return lower(trim_cell(name));
}

bool names(std::string_view name, const std::string& column) {
    return name == column || plain(name) == plain(column);
}

bool is_role(const std::vector<std::size_t>& roles, std::size_t column) {
    return std::ranges::find(roles, column) != roles.end();
}

}  // namespace

std::string delimiter_hint(const Header& header) {
    for (const auto& [separator, word] : {std::pair(';', "';'"), {'\t', "tab"}, {'|', "'|'"}}) {
        std::size_t found = 0;
        for (const auto& name : header) {
            found += static_cast<std::size_t>(std::ranges::count(name, separator));
        }
        if (found >= header.size()) {
            return fmt::format("; its header is separated otherwise, so give --delimiter {}", word);
        }
    }
    return {};
}

std::optional<std::size_t> find_column(const Header& header, std::string_view name) {
    const auto same = std::ranges::find(header, name);
    if (same != header.end()) return static_cast<std::size_t>(same - header.begin());
    const std::string wanted = plain(name);
    const auto alike = std::ranges::find_if(
        header, [&](const std::string& column) { return plain(column) == wanted; });
    if (wanted.empty() || alike == header.end()) return std::nullopt;
    return static_cast<std::size_t>(alike - header.begin());
}

std::size_t need_column(const Header& header, std::string_view name, std::string_view option) {
    if (const auto column = find_column(header, name)) return *column;
    throw CommandError(fmt::format("{} names \"{}\", and the file has no such column{}", option,
                                   name, delimiter_hint(header)));
}

bool is_listed(const Header& header, std::size_t column, const std::vector<std::string>& names) {
    return std::ranges::any_of(
        names, [&](const std::string& name) { return find_column(header, name) == column; });
}

std::string attribute_of(const Header& header, std::size_t column, const CsvOptions& options) {
    for (const auto& [from, to] : options.names) {
        if (find_column(header, from) == column) return to;
    }
    return std::string(trim_cell(header[column]));
}

void check_columns(const Header& header, const CsvOptions& options,
                   const std::vector<std::size_t>& roles) {
    for (const auto& name : options.attributes) need_column(header, name, "--attributes");
    for (const auto& name : options.strings) need_column(header, name, "--strings");
    for (const auto& [name, attribute] : options.names) need_column(header, name, "--map");
    std::map<std::string, std::size_t> seen;  // attribute → column
    std::map<std::string, std::size_t> columns;
    const bool all = options.attributes.empty() && options.name_column.empty();
    for (std::size_t i = 0; i < header.size(); ++i) {
        const bool wanted = all || is_role(roles, i) ||
                            std::ranges::any_of(options.attributes, [&](const std::string& name) {
                                return names(name, header[i]);
                            });
        const std::string_view name = trim_cell(header[i]);
        if (name.empty() || !wanted) continue;
        const auto [column, fresh] = columns.try_emplace(std::string(name), i);
        if (!fresh) {
            throw CommandError(
                fmt::format("columns {} and {} are both named \"{}\"; give all columns names of "
                            "their own with --skip-lines 1 --columns A,B,…",
                            column->second + 1, i + 1, name));
        }
        if (is_role(roles, i)) continue;
        const auto [first, added] = seen.try_emplace(attribute_of(header, i, options), i);
        if (added) continue;
        throw CommandError(fmt::format(
            "columns \"{}\" and \"{}\" would both become the attribute \"{}\"; give one of "
            "them another name with --map",
            header[first->second], header[i], first->first));
    }
}

}  // namespace atlas::cli
