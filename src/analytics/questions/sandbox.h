// SPDX-License-Identifier: Apache-2.0
//
// Where SQL of users runs: a connection on which the names of the public relations are views of the
// caller's tenant, and no other name leads to the store.
//
//     text → [Sandbox: check_statement, prepare] → Statement → rows
//
// The views are temporary, of this connection alone, and its default database is an empty one, so a
// name that the check should have refused finds nothing. The tenant is written into the views by
// us; nothing of the user's reaches their definition.
//
// Lifetime   one request's; the store outlives it.
// Threading  one thread at a time.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "analytics/duckdb/connection.h"
#include "query/analytics.h"

namespace atlas::analytics {

class Sandbox {
public:
    // `all_tenants`: the views show every tenant. Fails with analytics_unavailable or internal.
    static query::Answer<Sandbox> open(duckdb::Connection connection, TenantId tenant,
                                       bool all_tenants);

    // Checks the statement, which will have these text parameters, one after the other, and
    // compiles it. Fails with invalid_sql, sql_not_allowed or query_limit_exceeded.
    query::Answer<duckdb::Statement> prepare(std::string_view sql,
                                             std::string_view param_texts = {},
                                             const duckdb::Limits& limits = {});
    // The columns of the statement that was prepared last, for the request, whose parameters may
    // decide their types.
    query::Answer<std::vector<duckdb::Column>> columns(const duckdb::Statement& statement,
                                                       const query::SqlRequest& request,
                                                       const duckdb::Limits& limits = {});
    // The text of the statement that was prepared last, with `columns` cast to what the format can
    // hold: lists, intervals and the like to JSON, in CSV and Parquet to text, and for Parquet JSON
    // to text and integers beyond 64 bits to decimals. At most `limit` rows, of which none comes
    // before all are found.
    query::Answer<std::string> formatted(const std::vector<duckdb::Column>& columns,
                                         query::ResultFormat format, std::int64_t limit);

    duckdb::Connection& connection() { return connection_; }

private:
    explicit Sandbox(duckdb::Connection connection) : connection_(std::move(connection)) {}
    query::Answer<std::string> serialize(std::string_view sql, std::string_view param_texts);
    query::Answer<std::string> canonical();

    duckdb::Connection connection_;
    std::string serialized_;  // the parser's JSON for the statement that was prepared last
};

// The texts among the request's parameters, one after the other.
std::string param_texts(const query::SqlRequest& request);

// Binds positional or named parameters. Fails with invalid_field when they do not fit the
// statement.
query::Answer<void> bind_params(duckdb::Statement& statement, const query::SqlRequest& request);

// The error of a statement that a user wrote: what the store says of it is the user's to correct.
query::Error sql_error(StoreError error, std::string_view sql);
// The same, of the text that Sandbox::formatted() made of it: places there say nothing to the user.
query::Error formatted_error(StoreError error);

}  // namespace atlas::analytics
