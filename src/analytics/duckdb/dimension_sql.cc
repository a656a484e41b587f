// SPDX-License-Identifier: Apache-2.0
#include "analytics/duckdb/dimension_sql.h"

#include <fmt/format.h>

#include <vector>

#include "analytics/store.h"

namespace atlas::analytics::duckdb {

namespace {

using Kind = DimensionColumn::Kind;

std::string typed(Kind kind, std::size_t i) {
    switch (kind) {
        case Kind::int64: return fmt::format("CAST(s.c{} AS BIGINT)", i);
        case Kind::boolean: return fmt::format("CAST(s.c{} AS BOOLEAN)", i);
        case Kind::time:
            return fmt::format("CAST(make_timestamp(CAST(s.c{} AS BIGINT)) AS TIMESTAMPTZ)", i);
        case Kind::int_array: return fmt::format("CAST(s.c{} AS INTEGER[])", i);
        case Kind::json: return fmt::format("CAST(s.c{} AS JSON)", i);
        case Kind::text: break;
    }
    return fmt::format("s.c{}", i);
}

// The cell of that column as text: the inverse of typed().
std::string untyped(const DimensionColumn& column) {
    switch (column.kind) {
        case Kind::time: return fmt::format("CAST(epoch_us(t.{}) AS VARCHAR)", column.name);
        case Kind::int_array:
            return fmt::format("lower(replace(CAST(t.{} AS VARCHAR), ' ', ''))", column.name);
        default: return fmt::format("CAST(t.{} AS VARCHAR)", column.name);
    }
}

// "(t.a > 1 OR (t.a = 1 AND t.b > 2))" for `order` ">".
std::string compared(stream::Table table, std::string_view order, std::string_view last_order,
                     const KeyRange::Key& key) {
    std::vector<std::string_view> names;
    for (const DimensionColumn& column : dimension_columns(table)) {
        if (column.key) names.push_back(column.name);
    }
    if (names.size() == 1) return fmt::format("t.{} {} {}", names[0], last_order, key[0]);
    return fmt::format("(t.{0} {2} {4} OR (t.{0} = {4} AND t.{1} {3} {5}))", names[0], names[1],
                       order, last_order, key[0], key[1]);
}

}  // namespace

std::string select_rows_sql(stream::Table table, const KeyRange& range) {
    std::string cells;
    for (const DimensionColumn& column : dimension_columns(table)) {
        cells += fmt::format("{}{}", cells.empty() ? "" : ", ", untyped(column));
    }
    std::string sql = fmt::format("SELECT {} FROM store.{} t WHERE true", cells, name_of(table));
    if (range.after) sql += " AND " + compared(table, ">", ">", *range.after);
    if (range.until) sql += " AND " + compared(table, "<", "<=", *range.until);
    return sql;
}

std::string delete_staged_sql(stream::Table table) {
    std::string keys;
    const auto columns = dimension_columns(table);
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (!columns[i].key) continue;
        keys += fmt::format("{} t.{} = {}", keys.empty() ? "" : " AND", columns[i].name,
                            typed(columns[i].kind, i));
    }
    return fmt::format("DELETE FROM store.{} t USING dimension_rows s WHERE{}", name_of(table),
                       keys);
}

std::string insert_staged_sql(stream::Table table) {
    std::string names;
    std::string values;
    const auto columns = dimension_columns(table);
    for (std::size_t i = 0; i < columns.size(); ++i) {
        names += fmt::format("{}{}", i == 0 ? "" : ", ", columns[i].name);
        values += fmt::format("{}{}", i == 0 ? "" : ", ", typed(columns[i].kind, i));
    }
    return fmt::format(
        "INSERT INTO store.{} ({}) SELECT {} FROM dimension_rows s WHERE NOT removed",
        name_of(table), names, values);
}

std::string truncate_sql(stream::Table table) {
    return fmt::format("DELETE FROM store.{}", name_of(table));
}

}  // namespace atlas::analytics::duckdb
