// SPDX-License-Identifier: Apache-2.0
//
// The statements over the small tables.
#include <fmt/format.h>

#include "analytics/loader_source.h"

namespace atlas::analytics {

// Every column, because columns of the store may be younger than the database.
std::string select_dimension_sql(stream::Table table) {
    return fmt::format("SELECT * FROM public.{}", name_of(table));
}

std::string select_dimension_sql(const DimensionKey& key, pg::Params& params) {
    std::string sql = select_dimension_sql(key.table);
    std::size_t part = 0;
    for (const DimensionColumn& column : dimension_columns(key.table)) {
        if (!column.key) continue;
        params.add(key.parts[part]);
        sql += fmt::format(" {} {} = {}::bigint", part == 0 ? "WHERE" : "AND", column.name,
                           params.placeholder());
        ++part;
    }
    return sql;
}

std::string select_dimension_sql(stream::Table table, const KeyRange& range, std::size_t limit,
                                 pg::Params& params) {
    std::string names;
    std::size_t parts = 0;
    for (const DimensionColumn& column : dimension_columns(table)) {
        if (!column.key) continue;
        names += fmt::format("{}{}", parts == 0 ? "" : ", ", column.name);
        ++parts;
    }
    std::string sql = fmt::format("SELECT xmin, * FROM public.{} WHERE true", name_of(table));
    const auto compare = [&](std::string_view order, const std::optional<KeyRange::Key>& key) {
        if (!key) return;
        std::string values;
        for (std::size_t part = 0; part < parts; ++part) {
            params.add((*key)[part]);
            values += fmt::format("{}{}::bigint", part == 0 ? "" : ", ", params.placeholder());
        }
        sql += fmt::format(" AND ({}) {} ({})", names, order, values);
    };
    compare(">", range.after);
    compare("<=", range.until);
    return sql + fmt::format(" ORDER BY {} LIMIT {}", names, limit);
}

}  // namespace atlas::analytics
