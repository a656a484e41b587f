// SPDX-License-Identifier: Apache-2.0
#include "primary/reads.h"

#include "assets/sql.h"
#include "pg/binary_result.h"

namespace atlas::primary {
namespace {

using Statement = pg::Connection::Statement;
constexpr auto kBinary = pg::Connection::Format::binary;

Statement settings_of(Plan plan) {
    static const SqlText keyed = sql::text("queries/read/settings.sql");
    static const SqlText walk = sql::text("queries/read/settings_walk.sql");
    if (plan == Plan::walk) return {.sql = walk, .name = "read_settings_walk"};
    return {.sql = keyed, .name = "read_settings"};
}

Statement position() {
    static const SqlText text = sql::text("queries/read/position.sql");
    return {.sql = text, .format = kBinary, .name = "read_position"};
}

Statement statement_of(const Read& read) {
    return {.sql = read.sql, .params = &read.params, .format = kBinary, .name = read.name};
}

}  // namespace

query::Snapshot read_snapshot(const pg::Rows& rows, int column) {
    return {
        .as_of = pg::read_timestamptz(rows.text(0, column)),
        .position = {.timeline = timeline_of_segment(rows.text(0, column + 2)),
                     .lsn = {static_cast<std::uint64_t>(pg::read_int8(rows.text(0, column + 1)))}}};
}

pg::Expected<Reads> run_reads(pg::Connection& connection, Plan plan, std::span<const Read> reads) {
    std::vector<Statement> statements{settings_of(plan)};
    for (const Read& read : reads) statements.push_back(statement_of(read));
    statements.push_back(position());
    auto rows = connection.exec_pipeline(statements);
    if (!rows) return failure(std::move(rows.error()));
    Reads done{.rows = {}, .snapshot = read_snapshot(rows->back(), 0)};
    for (std::size_t i = 1; i <= reads.size(); ++i) done.rows.push_back(std::move((*rows)[i]));
    return done;
}

pg::Expected<Reads> stream_reads(pg::Connection& connection, Plan plan, std::span<const Read> reads,
                                 const std::function<bool(const pg::Rows&)>& on_row) {
    // The first position is read for its instant, the last one for its place in the log.
    std::vector<Statement> statements{settings_of(plan), position()};
    for (const Read& read : reads) statements.push_back(statement_of(read));
    statements.back().stream = true;
    statements.push_back(position());
    auto rows = connection.exec_pipeline(statements, on_row);
    if (!rows) return failure(std::move(rows.error()));
    Reads done{.rows = {}, .snapshot = read_snapshot((*rows)[1], 0)};
    for (std::size_t i = 2; i <= reads.size(); ++i) done.rows.push_back(std::move((*rows)[i]));
    if (rows->size() == statements.size() - 1) {
        done.snapshot.extend(read_snapshot(rows->back(), 0));
        return done;
    }
    // A stream that was stopped took the last statement with it.
    const auto ended = connection.exec_pipeline(std::vector<Statement>{position()});
    if (!ended) return failure(ended.error());
    done.snapshot.extend(read_snapshot(ended->front(), 0));
    return done;
}

}  // namespace atlas::primary
