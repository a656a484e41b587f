// SPDX-License-Identifier: Apache-2.0
#include "analytics/questions/sandbox.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "analytics/questions/question.h"
#include "analytics/questions/sandbox_sql.h"
#include "analytics/questions/sql_guard.h"
#include "analytics/questions/sql_size.h"

namespace atlas::analytics {
namespace {

using query::Error;
using query::ErrorCode;

StoreExpected<std::string> one_text(duckdb::Connection& connection, std::string_view sql,
                                    const std::vector<duckdb::Parameter>& values = {}) {
    auto rows = connection.query(sql, values);
    if (!rows) return failure(std::move(rows.error()));
    auto chunk = rows->next();
    if (!chunk) return failure(std::move(chunk.error()));
    if (!*chunk || (*chunk)->column(0).is_null(0)) return std::string();
    return std::string((*chunk)->column(0).text(0));
}

// Where the store's message points to, "LINE 2: … ^" under its excerpt of the statement: a byte.
std::optional<std::size_t> marked_byte(std::string_view message, std::string_view sql) {
    const auto at = message.find("\n\nLINE ");
    if (at == std::string_view::npos) return std::nullopt;
    std::string_view excerpt = message.substr(at + 2);
    std::size_t line = 0;
    const auto read = std::from_chars(excerpt.data() + 5, excerpt.data() + excerpt.size(), line);
    const auto prefix = static_cast<std::size_t>(read.ptr - excerpt.data()) + 2;
    const auto end = excerpt.find('\n');
    const auto caret = excerpt.find('^', end == std::string_view::npos ? 0 : end);
    if (read.ec != std::errc{} || line == 0 || caret == std::string_view::npos) return std::nullopt;
    // A long line is shown from its middle on.
    if (excerpt.substr(prefix).starts_with("...")) return std::nullopt;
    std::size_t start = 0;
    for (; line > 1; --line) {
        start = sql.find('\n', start);
        if (start == std::string_view::npos) return std::nullopt;
        ++start;
    }
    const std::size_t column = caret - end - 1;
    if (column < prefix || start + column - prefix > sql.size()) return std::nullopt;
    return start + column - prefix;
}

duckdb::Parameter to_store(const query::ParameterValue& value) {
    return std::visit([](const auto& held) -> duckdb::Parameter { return held; }, value);
}

}  // namespace

Error sql_error(StoreError error, std::string_view sql) {
    if (error.kind != StoreError::Kind::invalid) return read_error(std::move(error));
    Error out{.code = ErrorCode::invalid_sql};
    const std::string_view message = error.message;
    out.detail = fmt::format("The statement cannot run: {}",
                             without_advice(message.substr(0, message.find("\n\nLINE "))));
    auto byte = error.position;
    if (!byte) byte = marked_byte(message, sql);
    if (byte) out.position = position_in(sql, *byte);
    return out;
}

Error formatted_error(StoreError error) {
    error.position.reset();
    return sql_error(std::move(error), {});
}

query::Answer<Sandbox> Sandbox::open(duckdb::Connection connection, TenantId tenant,
                                     bool all_tenants) {
    auto database = one_text(connection, current_database_sql());
    if (!database) return failure(read_error(std::move(database.error())));
    auto made = connection.execute(sandbox_sql(*database, tenant, all_tenants));
    if (!made) return failure(read_error(std::move(made.error())));
    return Sandbox(std::move(connection));
}

query::Answer<std::string> Sandbox::serialize(std::string_view sql, std::string_view param_texts) {
    if (sql.size() > kMaxSqlBytes) {
        return failure(
            Error{.code = ErrorCode::invalid_sql,
                  .detail = fmt::format("A statement has at most {} bytes.", kMaxSqlBytes)});
    }
    if (sql.find('\0') != std::string_view::npos) {
        return failure(Error{.code = ErrorCode::invalid_sql,
                             .detail = "The statement holds the character U+0000.",
                             .position = position_in(sql, sql.find('\0'))});
    }
    if (auto small = check_text(sql); !small) return failure(std::move(small.error()));
    auto serialized = one_text(connection_, serialize_sql(), {std::string(sql)});
    if (!serialized) return failure(sql_error(std::move(serialized.error()), sql));
    if (auto allowed = check_statement(*serialized, sql, param_texts); !allowed) {
        return failure(std::move(allowed.error()));
    }
    return std::move(*serialized);
}

query::Answer<duckdb::Statement> Sandbox::prepare(std::string_view sql,
                                                  std::string_view param_texts,
                                                  const duckdb::Limits& limits) {
    auto serialized = serialize(sql, param_texts);
    if (!serialized) return failure(std::move(serialized.error()));
    serialized_ = std::move(*serialized);
    auto statement = connection_.prepare(sql, limits);
    if (!statement) return failure(sql_error(std::move(statement.error()), sql));
    if (statement->type() == DUCKDB_STATEMENT_TYPE_SELECT) return std::move(*statement);
    return failure(Error{.code = ErrorCode::sql_not_allowed,
                         .detail = "Analytics SQL is read-only: one query.",
                         .position = 1});
}

// The parser's own text of it has no comments and no semicolon.
query::Answer<std::string> Sandbox::canonical() {
    auto text = one_text(connection_, deserialize_sql(), {serialized_});
    if (!text) return failure(formatted_error(std::move(text.error())));
    return std::move(*text);
}

query::Answer<std::vector<duckdb::Column>> Sandbox::columns(const duckdb::Statement& statement,
                                                            const query::SqlRequest& request,
                                                            const duckdb::Limits& limits) {
    // While the type of a parameter is open, DuckDB knows neither types nor how many columns there
    // are.
    if (statement.parameters() == 0) return statement.columns();
    auto text = canonical();
    if (!text) return failure(std::move(text.error()));
    auto empty = connection_.prepare(no_rows_sql(*text), limits);
    if (!empty) return failure(formatted_error(std::move(empty.error())));
    if (auto bound = bind_params(*empty, request); !bound) return failure(std::move(bound.error()));
    auto rows = empty->execute(limits);
    if (!rows) return failure(formatted_error(std::move(rows.error())));
    return rows->columns();
}

query::Answer<std::string> Sandbox::formatted(const std::vector<duckdb::Column>& columns,
                                              query::ResultFormat format, std::int64_t limit) {
    auto text = canonical();
    if (!text) return failure(std::move(text.error()));
    return formatted_sql(*text, columns, format, limit);
}

std::string param_texts(const query::SqlRequest& request) {
    std::string texts;
    const auto add = [&texts](const query::ParameterValue& value) {
        if (const auto* text = std::get_if<std::string>(&value)) texts += *text + '\n';
    };
    for (const auto& value : request.params) add(value);
    for (const auto& [name, value] : request.named) add(value);
    return texts;
}

query::Answer<void> bind_params(duckdb::Statement& statement, const query::SqlRequest& request) {
    const std::size_t wanted = statement.parameters();
    if (request.named.empty()) {
        if (request.params.size() != wanted) {
            return failure(query::field_error(
                "params", fmt::format("The statement has {} parameters; params has {}.", wanted,
                                      request.params.size())));
        }
        for (std::size_t i = 0; i < wanted; ++i) {
            if (auto bound = statement.bind(i + 1, to_store(request.params[i])); !bound) {
                return failure(query::field_error(fmt::format("params[{}]", i),
                                                  std::move(bound.error().message)));
            }
        }
        return {};
    }
    std::size_t given = 0;
    for (const auto& [name, value] : request.named) {
        const auto place = statement.find_parameter(name);
        if (!place) {
            return failure(query::field_error(
                "params." + name, fmt::format("The statement has no parameter ${}.", name)));
        }
        if (auto bound = statement.bind(*place, to_store(value)); !bound) {
            return failure(query::field_error("params." + name, std::move(bound.error().message)));
        }
        ++given;
    }
    if (given == wanted) return {};
    return failure(query::field_error(
        "params", fmt::format("The statement has {} parameters; params has {}.", wanted, given)));
}

}  // namespace atlas::analytics
