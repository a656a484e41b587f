// SPDX-License-Identifier: Apache-2.0
#include "analytics/duckdb/dimension_sql.h"

#include <fmt/format.h>

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
        case Kind::day: return fmt::format("CAST(s.c{} AS DATE)", i);
        case Kind::int_array: return fmt::format("CAST(s.c{} AS INTEGER[])", i);
        case Kind::json: return fmt::format("CAST(s.c{} AS JSON)", i);
        case Kind::text: break;
    }
    return fmt::format("s.c{}", i);
}

}  // namespace

std::string dimension_table(stream::Table table) {
    switch (table) {
        case stream::Table::tenants: return "tenants";
        case stream::Table::attributes: return "attributes";
        case stream::Table::tenant_attributes: return "tenant_attributes";
        case stream::Table::entities: return "entities";
        case stream::Table::entity_jsonb: return "entity_jsonb";
        default: return {};
    }
}

std::string delete_staged_sql(stream::Table table) {
    std::string keys;
    const auto columns = dimension_columns(table);
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (!columns[i].key) continue;
        keys += fmt::format("{} t.{} = {}", keys.empty() ? "" : " AND", columns[i].name,
                            typed(columns[i].kind, i));
    }
    return fmt::format("DELETE FROM store.{} t USING dimension_rows s WHERE{}",
                       dimension_table(table), keys);
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
        dimension_table(table), names, values);
}

std::string truncate_sql(stream::Table table) {
    return fmt::format("DELETE FROM store.{}", dimension_table(table));
}

}  // namespace atlas::analytics::duckdb
