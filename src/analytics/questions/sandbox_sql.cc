// SPDX-License-Identifier: Apache-2.0
#include "analytics/questions/sandbox_sql.h"

#include <fmt/format.h>

#include "analytics/questions/sql_builder.h"
#include "analytics/questions/sql_guard.h"

namespace atlas::analytics {
namespace {

std::string cast_sql(const duckdb::Column& column, std::string_view name, bool narrow) {
    switch (column.kind) {
        case duckdb::Kind::other:
            // A list as its JSON, an interval as its text without quotes.
            return narrow ? fmt::format("(to_json({}) ->> '$')", name)
                          : fmt::format("to_json({})", name);
        case duckdb::Kind::json:
            return narrow ? fmt::format("CAST({} AS VARCHAR)", name) : std::string(name);
        case duckdb::Kind::huge:
            return narrow ? fmt::format("CAST({} AS DECIMAL(38, 0))", name) : std::string(name);
        default: return std::string(name);
    }
}

}  // namespace

std::string_view current_database_sql() {
    return "SELECT current_database()";
}

std::string_view serialize_sql() {
    return "SELECT json_serialize_sql($1::VARCHAR)";
}

std::string_view deserialize_sql() {
    return "SELECT json_deserialize_sql($1::JSON)";
}

std::string_view external_access_sql() {
    return "SELECT CAST(current_setting('enable_external_access') AS INTEGER)";
}

std::string seal_sql(std::string_view folder) {
    const std::string folders = folder.empty() ? "" : sql_literal(fmt::format("{}/", folder));
    return fmt::format(
        "SET GLOBAL allowed_directories = [{}]; "
        "SET GLOBAL enable_external_access = false",
        folders);
}

std::string sandbox_sql(std::string_view database, TenantId tenant, bool all_tenants) {
    std::string sql = "ATTACH IF NOT EXISTS ':memory:' AS atlas_sandbox; USE atlas_sandbox; ";
    const std::string where = all_tenants ? "" : fmt::format(" WHERE tenant_id = {}", tenant.value);
    for (const std::string_view relation : public_relations()) {
        sql += fmt::format("CREATE TEMP VIEW {0} AS FROM {1}.main.{0}{2}; ", relation,
                           sql_name(database), where);
    }
    return sql;
}

std::string formatted_sql(std::string_view sql, const std::vector<duckdb::Column>& columns,
                          bool narrow, std::int64_t limit) {
    std::string names;
    std::string casts;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const std::string name = fmt::format("c{}", i);
        names += (i > 0 ? ", " : "") + name;
        casts += fmt::format("{}{} AS {}", i > 0 ? ", " : "", cast_sql(columns[i], name, narrow),
                             sql_name(columns[i].name));
    }
    return fmt::format(
        "SELECT {} FROM (SELECT *, row_number() OVER () AS place FROM (SELECT * FROM ({}\n) AS "
        "q({}) LIMIT {})) AS r ORDER BY r.place",
        casts, sql, names, limit);
}

std::string no_rows_sql(std::string_view sql) {
    return fmt::format("SELECT * FROM ({}\n) LIMIT 0", sql);
}

std::string read_csv_sql(std::string_view path, const std::vector<CsvColumn>& columns) {
    std::string types;
    for (const CsvColumn& column : columns) {
        std::string type = "VARCHAR";
        switch (column.column.type) {
            case model::Type::int64: type = "BIGINT"; break;
            case model::Type::float64: type = "DOUBLE"; break;
            case model::Type::boolean: type = "BOOLEAN"; break;
            case model::Type::timestamp: type = "TIMESTAMPTZ"; break;
            case model::Type::decimal:
                if (column.scale) type = fmt::format("DECIMAL(38, {})", *column.scale);
                break;
            case model::Type::string:
            case model::Type::json: break;
        }
        types += fmt::format("{}{}: '{}'", types.empty() ? "" : ", ",
                             sql_literal(column.column.name), type);
    }
    return fmt::format(
        "SELECT * FROM read_csv({}, header = true, delim = ',', quote = '\"', escape = '\"', "
        "nullstr = '', allow_quoted_nulls = false, parallel = false, columns = {{{}}})",
        sql_literal(path), types);
}

std::string copy_to_parquet_sql(std::string_view sql, std::string_view path) {
    return fmt::format("COPY ({}) TO {} (FORMAT parquet, COMPRESSION zstd)", sql,
                       sql_literal(path));
}

}  // namespace atlas::analytics
