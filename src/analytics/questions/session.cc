// SPDX-License-Identifier: Apache-2.0
#include "analytics/questions/session.h"

#include <mutex>

#include "analytics/questions/export_sql.h"
#include "analytics/questions/question.h"
#include "analytics/questions/sandbox_sql.h"

namespace atlas::analytics {
namespace {

using query::Error;
using query::ErrorCode;

// True: statements of the database can still open files.
StoreExpected<bool> is_open(duckdb::Connection& connection) {
    auto rows = connection.query(external_access_sql());
    if (!rows) return failure(std::move(rows.error()));
    auto access = rows->one_integer();
    if (!access) return failure(std::move(access.error()));
    return access->value_or(1) != 0;
}

// Two connections that attach at once fail, so one of them waits and finds it done.
StoreExpected<void> seal(duckdb::Connection& connection, const std::filesystem::path& folder) {
    static std::mutex turn;
    auto open = is_open(connection);
    if (!open) return failure(std::move(open.error()));
    if (!*open) return {};
    const std::scoped_lock lock(turn);
    open = is_open(connection);
    if (!open) return failure(std::move(open.error()));
    if (!*open) return {};
    if (auto sealed = connection.execute(seal_sql(folder.string())); !sealed) return sealed;
    open = is_open(connection);
    if (!open) return failure(std::move(open.error()));
    if (*open) return failure(StoreError{.message = "DuckDB keeps its access to files"});
    return {};
}

query::Answer<query::Snapshot> read_snapshot(duckdb::Connection& connection) {
    auto rows = connection.query(read_position_sql());
    if (!rows) return failure(read_error(std::move(rows.error())));
    auto chunk = rows->next();
    if (!chunk) return failure(read_error(std::move(chunk.error())));
    if (!*chunk || (*chunk)->column(0).is_null(0) || (*chunk)->column(1).is_null(0)) {
        return failure(being_filled());
    }
    query::Snapshot snapshot;
    snapshot.position = {.timeline = (*chunk)->column(0).integer(0),
                         .lsn = {static_cast<std::uint64_t>((*chunk)->column(1).integer(0))}};
    snapshot.holds = snapshot.position;
    const duckdb::Cells committed = (*chunk)->column(2);
    if (!committed.is_null(0)) snapshot.as_of = time_from_micros(committed.integer(0));
    snapshot.source = "analytics";
    return snapshot;
}

}  // namespace

Error being_filled() {
    return {.code = ErrorCode::analytics_unavailable,
            .detail = "The analytics store is being filled from the database; retry later."};
}

std::optional<Turn> Turn::take(const std::shared_ptr<std::atomic<int>>& running, int most) {
    if (running->fetch_add(1) < most) return Turn(running);
    running->fetch_sub(1);
    return std::nullopt;
}

query::Answer<Session> open_session(duckdb::DuckStore& store,
                                    const std::shared_ptr<std::atomic<int>>& running, int most,
                                    const std::filesystem::path& folder) {
    auto turn = Turn::take(running, most);
    if (!turn) {
        return failure(Error{.code = ErrorCode::busy,
                             .detail = "Too many analytical queries run at the moment; retry "
                                       "later."});
    }
    auto connection = store.connect();
    if (!connection) return failure(read_error(std::move(connection.error())));
    if (auto sealed = seal(*connection, folder); !sealed) {
        return failure(read_error(std::move(sealed.error())));
    }
    if (auto begun = connection->execute("BEGIN"); !begun) {
        store.suspect(begun.error());
        return failure(read_error(std::move(begun.error())));
    }
    auto snapshot = read_snapshot(*connection);
    if (!snapshot) return failure(std::move(snapshot.error()));
    return Session{.turn = std::move(*turn),
                   .connection = std::move(*connection),
                   .snapshot = std::move(*snapshot)};
}

}  // namespace atlas::analytics
