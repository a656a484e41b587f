// SPDX-License-Identifier: Apache-2.0
#include "query/reads.h"

#include "assets/sql.h"
#include "pg/binary_result.h"

namespace atlas::query {
namespace {

using Statement = pg::Connection::Statement;
constexpr auto kBinary = pg::Connection::Format::binary;

Statement settings_of(Plan plan) {
    static const std::string_view keyed = sql::text("queries/read/settings.sql");
    static const std::string_view walk = sql::text("queries/read/settings_walk.sql");
    if (plan == Plan::walk) return {.sql = walk, .name = "read_settings_walk"};
    return {.sql = keyed, .name = "read_settings"};
}

Statement position() {
    static const std::string_view text = sql::text("queries/read/position.sql");
    return {.sql = text, .format = kBinary, .name = "read_position"};
}

Snapshot snapshot_of(const pg::Rows& rows) {
    return {.as_of = pg::read_timestamptz(rows.text(0, 0)),
            .position = Lsn{static_cast<std::uint64_t>(pg::read_int8(rows.text(0, 1)))}};
}

}  // namespace

pg::Expected<Reads> run_reads(pg::Connection& connection, Plan plan, std::span<const Read> reads) {
    std::vector<Statement> statements{settings_of(plan)};
    for (const Read& read : reads) {
        statements.push_back({.sql = read.sql, .params = &read.params, .format = kBinary});
    }
    statements.push_back(position());
    auto rows = connection.exec_pipeline(statements);
    if (!rows) return failure(std::move(rows.error()));
    Reads done{.rows = {}, .snapshot = snapshot_of(rows->back())};
    for (std::size_t i = 1; i <= reads.size(); ++i) done.rows.push_back(std::move((*rows)[i]));
    return done;
}

pg::Expected<Snapshot> stream_read(pg::Connection& connection, Plan plan, const Read& read,
                                   const std::function<bool(const pg::Rows&)>& on_row) {
    // The position comes before the rows here, because what is streamed must come last: each
    // statement has a snapshot of its own, so rows may show commits behind that position. It is a
    // position the answer holds all the same; a second one, after the rows, covers what they show.
    const std::vector<Statement> statements{
        settings_of(plan), {.sql = read.sql, .params = &read.params, .format = kBinary}};
    const auto begun = connection.exec_pipeline(std::vector<Statement>{position()});
    if (!begun) return failure(begun.error());
    if (auto streamed = connection.exec_pipeline(statements, on_row); !streamed) {
        return failure(std::move(streamed.error()));
    }
    const auto ended = connection.exec_pipeline(std::vector<Statement>{position()});
    if (!ended) return failure(ended.error());
    return Snapshot{.as_of = snapshot_of(begun->front()).as_of,
                    .position = snapshot_of(ended->front()).position};
}

}  // namespace atlas::query
