// SPDX-License-Identifier: Apache-2.0
#include "stream/stale_slots.h"

#include <cstdint>

#include "assets/sql.h"

namespace atlas::stream {
namespace {

using pg::Connection;
using pg::Expected;
using pg::Params;

constexpr std::int64_t kAlarmBytes = std::int64_t{1} << 30U;

Expected<void> run_statement(Connection& connection, const SqlText& sql,
                             const Params& params = {}) {
    if (auto done = connection.exec(sql, params); !done) return failure(std::move(done.error()));
    return {};
}

Params seconds(std::chrono::milliseconds time) {
    return Params().add(std::chrono::duration<double>(time).count());
}

}  // namespace

Expected<void> StaleSlots::run(Connection& connection) {
    auto adopted = run_statement(connection, sql::text("queries/stream/adopt_slots.sql"));
    if (!adopted) return adopted;
    if (auto dropped = drop(connection); !dropped) return dropped;
    auto forgotten =
        run_statement(connection, sql::text("queries/stream/forget_slots.sql"), seconds(lease_));
    if (!forgotten) return forgotten;
    return alarm(connection);
}

Expected<void> StaleSlots::drop(Connection& connection) {
    const auto stale =
        connection.exec(sql::text("queries/stream/list_stale_slots.sql"), seconds(lease_));
    if (!stale) return failure(stale.error());
    for (int row = 0; row < stale->size(); ++row) {
        if (!stale->is_null(row, 1)) {
            // Its process was stopped, or its machine is gone; the slot is free a moment later.
            auto ended = run_statement(connection, sql::text("queries/stream/end_session.sql"),
                                       Params().add(stale->int8(row, 1)));
            if (!ended) return ended;
        }
        const Params name = Params().add(stale->text(row, 0));
        auto dropped = run_statement(connection, sql::text("queries/stream/drop_slot.sql"), name);
        if (!dropped && dropped.error().sqlstate == "55006") continue;
        if (!dropped) return dropped;
        observe::log_warning(
            "dropped replication slot {} of {}: its owner was last seen {} s ago, and it held back "
            "{} MB of the log",
            stale->text(row, 0), stale->text(row, 2), stale->int8(row, 3),
            stale->int8(row, 4) >> 20U);
        auto done = run_statement(connection, sql::text("queries/stream/forget_slot.sql"), name);
        if (!done) return done;
    }
    return {};
}

Expected<void> StaleSlots::alarm(Connection& connection) {
    const auto large = connection.exec(sql::text("queries/stream/list_large_slots.sql"),
                                       Params().add(kAlarmBytes));
    if (!large) return failure(large.error());
    if (large->empty() || !throttle_.ask().pass) return {};
    observe::log_warning(
        "replication slot {} holds back {} MB of the log{}", large->text(0, 0),
        large->int8(0, 2) >> 20U,
        large->boolean(0, 1)
            ? ""
            : ", and no process reads it: start the role that does, or drop the slot");
    return {};
}

}  // namespace atlas::stream
