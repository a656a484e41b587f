// SPDX-License-Identifier: Apache-2.0
#include "analytics/duckdb/statements.h"

#include <fmt/format.h>

#include "assets/sql.h"

namespace atlas::analytics::duckdb {

std::string_view statement(std::string_view name) {
    return sql::text(fmt::format("analytics/duckdb/{}.sql", name)).text;
}

StoreExpected<void> run(Connection& connection, std::string_view name,
                        const std::vector<Parameter>& values) {
    auto prepared = connection.prepare(statement(name));
    if (!prepared) return failure(prepared.error());
    auto changed = prepared->run(values);
    if (!changed) return failure(changed.error());
    return {};
}

StoreExpected<void> for_each_row(Connection& connection, std::string_view name,
                                 const std::vector<Parameter>& values,
                                 const std::function<void(const Chunk&, std::size_t)>& use) {
    auto rows = connection.query(statement(name), values);
    if (!rows) return failure(rows.error());
    while (true) {
        auto chunk = rows->next();
        if (!chunk) return failure(chunk.error());
        if (!*chunk) return {};
        for (std::size_t row = 0; row < (*chunk)->rows(); ++row) use(**chunk, row);
    }
}

StoreExpected<void> in_transaction(Connection& connection,
                                   const std::function<StoreExpected<void>()>& body) {
    if (auto begun = connection.execute("BEGIN"); !begun) return begun;
    StoreExpected<void> done = body();
    if (done) done = connection.execute("COMMIT");
    // Also after a COMMIT that failed: its transaction may still be open.
    if (!done) (void)connection.execute("ROLLBACK");
    return done;
}

StoreExpected<void> append_rows(
    Connection& connection, const std::string& schema, const std::string& table, std::size_t rows,
    const std::function<void(ChunkWriter& chunk, std::size_t at, std::size_t row)>& fill) {
    StoreExpected<Appender> appender = Appender::open(connection, schema, table);
    if (!appender) return failure(appender.error());
    ChunkWriter chunk(*appender);
    for (std::size_t row = 0; row < rows; ++row) {
        const std::size_t at = row % ChunkWriter::capacity();
        fill(chunk, at, row);
        if (at + 1 < ChunkWriter::capacity() && row + 1 < rows) continue;
        chunk.set_size(at + 1);
        if (auto appended = appender->append(chunk); !appended) return appended;
    }
    return appender->finish();
}

}  // namespace atlas::analytics::duckdb
