// SPDX-License-Identifier: Apache-2.0
#include "jobs/standard_jobs.h"

#include <memory>

#include "assets/sql.h"
#include "pg/connection.h"
#include "stream/stale_slots.h"

namespace atlas::jobs {
namespace {

using namespace std::chrono_literals;
using pg::Connection;
using pg::Expected;
using pg::Params;

constexpr std::int64_t kStatesPerRun = 10'000;  // some 50 ms

Expected<void> run_statement(Connection& connection, const SqlText& sql,
                             const Params& params = {}) {
    if (auto done = connection.exec(sql, params); !done) return failure(std::move(done.error()));
    return {};
}

Expected<void> flush_staged(Connection& connection, std::int64_t rows) {
    for (;;) {
        const auto staged = connection.exec(sql::text("queries/jobs/find_staged.sql"));
        if (!staged) return failure(staged.error());
        if (!staged->boolean(0, 0)) return {};
        const auto flushed =
            connection.exec(sql::text("queries/jobs/flush_staged.sql"), Params().add(rows));
        if (!flushed) return failure(flushed.error());
        // Rows may be there that are locked or not yet to be taken: they wait for the next run.
        if (flushed->int8(0, 0) == 0) return {};
    }
}

Expected<void> continue_changes(Connection& connection) {
    for (;;) {
        const auto left = connection.exec(sql::text("queries/attributes/continue_changes.sql"),
                                          Params().add(nullptr));
        if (!left) return failure(left.error());
        if (!left->boolean(0, 0)) return {};
    }
}

// Readers and writers pass between two attempts at a lock.
Expected<void> drop_old(Connection& connection, std::chrono::milliseconds retention) {
    if (auto set = run_statement(connection, "SET lock_timeout = '2s'"); !set) return set;
    const auto old =
        connection.exec(sql::text("queries/jobs/list_old_partitions.sql"),
                        Params().add(std::chrono::duration<double>(retention).count()));
    if (!old) return failure(old.error());
    for (int row = 0; row < old->size(); ++row) {
        for (int step = 0; step < 2; ++step) {
            if (old->is_null(row, step)) continue;
            if (auto done = run_statement(connection, old->text(row, step)); !done) return done;
        }
    }
    return {};
}

Expected<void> count_days(Connection& connection) {
    if (auto trimmed = run_statement(connection, sql::text("queries/jobs/trim_throughput.sql"));
        !trimmed) {
        return trimmed;
    }
    const auto days = connection.exec(sql::text("queries/jobs/list_uncounted_days.sql"));
    if (!days) return failure(days.error());
    for (int row = 0; row < days->size(); ++row) {
        auto counted = run_statement(connection, sql::text("queries/jobs/count_days.sql"),
                                     Params().add(days->text(row, 0)));
        if (!counted) return counted;
    }
    if (days->empty()) return {};
    return run_statement(connection, sql::text("queries/jobs/refresh_statistics.sql"));
}

// What was counted but not yet written stays in `written` until the statement has succeeded.
Expected<void> write_throughput(Connection& connection, const std::string& source,
                                std::uint64_t accepted, std::uint64_t& written) {
    const auto points = static_cast<std::int64_t>(accepted - written);
    if (points <= 0) return {};
    auto done = run_statement(connection, sql::text("queries/jobs/add_throughput.sql"),
                              Params().add(source).add(points));
    if (done) written = accepted;
    return done;
}

Expected<void> restore_states(Connection& connection, std::int64_t& after) {
    const auto rows = connection.exec(sql::text("queries/jobs/restore_states.sql"),
                                      Params().add(after).add(kStatesPerRun));
    if (!rows) return failure(rows.error());
    after = rows->is_null(0, 0) ? 0 : rows->int8(0, 0);
    return {};
}

}  // namespace

Job partitions_job(std::int64_t days) {
    return {.name = "partitions", .interval = 10min, .run = [days](Connection& connection) {
                return run_statement(connection, sql::text("queries/jobs/ensure_partitions.sql"),
                                     Params().add(days));
            }};
}

Job heartbeat_job(std::chrono::milliseconds interval) {
    return {.name = "heartbeat", .interval = interval, .run = [](Connection& connection) {
                return run_statement(connection, sql::text("queries/jobs/heartbeat.sql"));
            }};
}

Job stage_flush_job(std::chrono::milliseconds interval, std::int64_t rows) {
    return {.name = "stage_flush", .interval = interval, .run = [rows](Connection& connection) {
                return flush_staged(connection, rows);
            }};
}

Job pending_lists_job(std::chrono::milliseconds interval) {
    return {.name = "pending_lists", .interval = interval, .run = [](Connection& connection) {
                return run_statement(connection, sql::text("queries/jobs/clean_pending_lists.sql"));
            }};
}

Job attribute_changes_job() {
    return {.name = "attribute_changes", .interval = 5s, .run = continue_changes};
}

Job missing_states_job() {
    auto after = std::make_shared<std::int64_t>(0);
    return {.name = "missing_states", .interval = 1min, .run = [after](Connection& connection) {
                return restore_states(connection, *after);
            }};
}

Job retention_job(std::chrono::milliseconds retention) {
    return {.name = "retention", .interval = 1h, .run = [retention](Connection& connection) {
                return drop_old(connection, retention);
            }};
}

Job throughput_job(std::string source, std::function<std::uint64_t()> accepted) {
    auto written = std::make_shared<std::uint64_t>(0);
    return {.name = "throughput",
            .interval = 5s,
            .leader_only = false,
            .run = [source = std::move(source), accepted = std::move(accepted),
                    written](Connection& connection) {
                return write_throughput(connection, source, accepted(), *written);
            }};
}

Job stream_slots_job(std::chrono::milliseconds lease) {
    auto slots = std::make_shared<stream::StaleSlots>(lease);
    return {.name = "stream_slots", .interval = 10s, .run = [slots](Connection& connection) {
                return slots->run(connection);
            }};
}

Job statistics_job() {
    return {.name = "statistics", .interval = 1h, .run = count_days};
}

std::vector<Job> standard_jobs(const config::Config& config) {
    std::vector<Job> jobs{partitions_job(config.partitions_ahead()),
                          heartbeat_job(config.heartbeat()),
                          stage_flush_job(config.stage_flush(), config.stage_flush_rows()),
                          pending_lists_job(config.pending_lists()),
                          missing_states_job(),
                          statistics_job(),
                          attribute_changes_job(),
                          stream_slots_job(config.slot_lease())};
    if (config.retention() > 0s) jobs.push_back(retention_job(config.retention()));
    return jobs;
}

}  // namespace atlas::jobs
