// SPDX-License-Identifier: Apache-2.0
#include "ingest/commit/commit_transaction.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <random>
#include <unordered_map>

#include "assets/sql.h"
#include "ingest/commit/copy_rows.h"
#include "ingest/commit/plan_reader.h"
#include "storage/observation.h"

namespace atlas::ingest {
namespace {

using Statement = pg::Connection::Statement;

constexpr std::size_t kCopyChunkBytes = std::size_t{1} << 20U;

std::vector<std::int32_t> shards_in(std::uint64_t bits) {
    std::vector<std::int32_t> shards;
    for (std::int32_t shard = 0; shard < kShards; ++shard) {
        if ((bits >> static_cast<unsigned>(shard) & 1U) != 0) shards.push_back(shard);
    }
    return shards;
}

// Never 0, which is every writer that is not a gateway.
std::int64_t random_writer_id() {
    static thread_local std::mt19937_64 random{std::random_device{}()};
    return std::uniform_int_distribution<std::int64_t>(1)(random);
}

// A transaction that does not report a day has to be over a minute after the day's end at the
// latest: it begins within seconds of the arrival of its rows, but takes no longer than its
// timeouts.
constexpr std::chrono::minutes kReportBeforeEnd{1};

bool is_closed(const Row& row) {
    return day_of(row.observed_at) < day_of(row.received_at + kReportBeforeEnd);
}

// The closed days that the plan writes to, since 1970. Its new rows come by day, so that those of
// today cost one comparison.
std::vector<std::int32_t> closed_days(const CommitPlan& plan) {
    std::vector<std::int32_t> days;
    const auto add = [&days](const Row& row) {
        const auto day =
            static_cast<std::int32_t>(day_of(row.observed_at).time_since_epoch().count());
        if (days.empty() || days.back() != day) days.push_back(day);
    };
    for (const Row& row : plan.new_rows()) {
        if (!is_closed(row)) break;
        add(row);
    }
    for (const Row& row : plan.merged_rows()) {
        if (is_closed(row)) add(row);
    }
    std::ranges::sort(days);
    const auto repeated = std::ranges::unique(days);
    days.erase(repeated.begin(), repeated.end());
    return days;
}

std::vector<std::string_view> views(const std::vector<std::string>& texts) {
    return {texts.begin(), texts.end()};
}

}  // namespace

CommitTransaction::CommitTransaction(pg::Connection& connection, catalog::Catalog& catalog,
                                     StateCache& cache)
    : connection_(connection), catalog_(catalog), cache_(cache), writer_id_(random_writer_id()) {
    cache_.invalidate_all();
}

pg::Expected<void> CommitTransaction::exec(const SqlText& sql, const pg::Params& params) {
    const auto rows = connection_.exec(sql, params);
    if (!rows) return failure(rows.error());
    return {};
}

void CommitTransaction::roll_back() {
    // A failure shows in connection_.in_transaction(), which the writer checks.
    if (connection_.usable()) static_cast<void>(connection_.exec("ROLLBACK"));
}

pg::Expected<int> CommitTransaction::end_stalled(std::uint64_t shards,
                                                 std::chrono::milliseconds patience) {
    const auto ended = connection_.exec(
        sql::text("queries/ingest/end_stalled.sql"),
        pg::Params{}.add_int4s(shards_in(shards)).add(std::int64_t{patience.count()}));
    if (!ended) return failure(ended.error());
    return ended->size();
}

Step<void> CommitTransaction::lock(const CommitPlan& plan) {
    made_merge_table_ = false;
    const auto clock = lock_shards(plan.shards());
    if (!clock) return failure(failed(clock.error()));
    auto stale = stale_parts(plan.parts(), *clock);
    if (!stale) return failure(failed(stale.error()));
    if (stale->empty()) return {};
    CommitOutcome outcome;
    outcome.status = CommitOutcome::Status::stale;
    outcome.parts = std::move(*stale);
    return failure(std::move(outcome));
}

pg::Expected<std::int64_t> CommitTransaction::lock_shards(std::uint64_t shards) {
    static const SqlText kLockSql = sql::text("queries/ingest/lock_shards.sql");
    static const SqlText kReadSql = sql::text("queries/ingest/read_shards.sql");
    static const SqlText kOwnSql = sql::text("queries/ingest/own_shards.sql");
    const pg::Params params = pg::Params{}.add_int4s(shards_in(shards));
    const std::array<Statement, 3> statements{{{.sql = "BEGIN", .name = "begin"},
                                               {kLockSql, &params, {}, "lock_shards"},
                                               {kReadSql, &params, {}, "read_shards"}}};
    const auto results = connection_.exec_pipeline(statements);
    if (!results) return failure(results.error());
    const pg::Rows& rows = results->back();
    std::vector<std::int32_t> foreign;
    for (int i = 0; i < rows.size(); ++i) {
        if (rows.int8(i, 1) == writer_id_) continue;
        foreign.push_back(static_cast<std::int32_t>(rows.int8(i, 0)));
        cache_.invalidate_shard(foreign.back());
    }
    if (!foreign.empty()) {
        const auto done = exec(kOwnSql, pg::Params{}.add_int4s(foreign).add(writer_id_));
        if (!done) return failure(done.error());
    }
    return rows.int8(0, 2);
}

pg::Expected<std::vector<std::size_t>> CommitTransaction::stale_parts(std::span<const Part> parts,
                                                                      std::int64_t clock) {
    static const SqlText kSql = sql::text("queries/ingest/read_epochs.sql");
    std::vector<std::int64_t> doubtful;
    for (const Part& part : parts) {
        const model::TenantCatalog& catalog = *part.layouts->catalog;
        if (catalog.clock() != clock) doubtful.push_back(catalog.tenant().value);
    }
    std::vector<std::size_t> stale;
    if (doubtful.empty()) return stale;
    const auto rows = connection_.exec(kSql, pg::Params{}.add_int8s(doubtful));
    if (!rows) return failure(rows.error());
    std::unordered_map<std::int64_t, std::int64_t> epochs;
    for (int i = 0; i < rows->size(); ++i) epochs[rows->int8(i, 0)] = rows->int8(i, 1);
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const model::TenantCatalog& catalog = *parts[i].layouts->catalog;
        if (catalog.clock() == clock) continue;
        const auto epoch = epochs.find(catalog.tenant().value);
        if (epoch != epochs.end() && epoch->second == catalog.epoch()) {
            catalog.confirm(clock);
        } else {
            stale.push_back(i);
        }
    }
    return stale;
}

Step<void> CommitTransaction::read_states(CommitPlan& plan) {
    const auto done = fill_states(connection_, catalog_, cache_, plan);
    if (!done) return failure(failed(done.error()));
    auto missing = plan.missing_parts();
    if (missing.empty()) return {};
    CommitOutcome outcome;
    outcome.status = CommitOutcome::Status::vanished;
    outcome.parts = std::move(missing);
    return failure(std::move(outcome));
}

Step<void> CommitTransaction::read_history(CommitPlan& plan) {
    auto done = fill_later(connection_, plan);
    if (done) done = fill_existing(connection_, plan);
    if (!done) return failure(failed(std::move(done.error())));
    if (!plan.fits()) {
        CommitOutcome outcome;
        outcome.status = CommitOutcome::Status::too_large;
        return failure(std::move(outcome));
    }
    if (plan.merges() && !has_merge_table_) return create_merge_table().map_error(failed);
    return {};
}

pg::Expected<void> CommitTransaction::create_merge_table() {
    auto done = exec(sql::text("queries/ingest/create_merge_table.sql"));
    made_merge_table_ = done.has_value();
    return done;
}

pg::Expected<void> CommitTransaction::copy(std::string_view target, std::span<const Row> rows) {
    const std::string sql =
        fmt::format("COPY {} {} FROM STDIN (FORMAT binary)", target, storage::kObservationColumns);
    auto done = connection_.copy_begin({sql, "copy_observations"});
    if (!done) return done;
    buffer_.clear();
    pg::CopyWriter writer(buffer_);
    writer.header();
    for (const Row& row : rows) {
        append_row(writer, row);
        if (buffer_.size() < kCopyChunkBytes) continue;
        if (done = connection_.copy_put(buffer_); !done) return done;
        buffer_.clear();
    }
    writer.trailer();
    if (done = connection_.copy_put(buffer_); !done) return done;
    const auto copied = connection_.copy_end();
    if (!copied) return failure(copied.error());
    return {};
}

pg::Expected<void> CommitTransaction::copy_states(const HotChanges::States& states) {
    if (states.tenants.empty()) return {};
    buffer_.clear();
    pg::CopyWriter writer(buffer_);
    writer.header();
    for (std::size_t i = 0; i < states.tenants.size(); ++i) {
        writer.tuple(5).int8(states.tenants[i]).int8(states.entities[i]);
        writer.jsonb(states.hot_attrs[i]).jsonb(states.hot_at[i]);
        writer.date(states.days[i]);
    }
    writer.trailer();
    auto done = connection_.copy_begin(
        {"COPY public.entity_jsonb (tenant_id, entity_id, hot_attrs, hot_at, last_day) FROM STDIN "
         "(FORMAT binary)",
         "copy_states"});
    if (done) done = connection_.copy_put(buffer_);
    if (!done) return done;
    const auto copied = connection_.copy_end();
    if (!copied) return failure(copied.error());
    return {};
}

pg::Expected<void> CommitTransaction::write_rows(const CommitPlan& plan) {
    static const SqlText kMergeSql = sql::text("queries/ingest/update_merged.sql");
    if (const auto merged = plan.merged_rows(); !merged.empty()) {
        auto done = copy("pg_temp.merged_observations", merged);
        if (!done) return done;
        const auto [first, last] = std::ranges::minmax(merged, {}, &Row::observed_at);
        done = exec(kMergeSql, pg::Params{}.add(first.observed_at).add(last.observed_at));
        if (!done) return done;
    }
    if (plan.new_rows().empty()) return {};
    return copy("public.observations", plan.new_rows());
}

Step<LogPosition> CommitTransaction::write(const CommitPlan& plan) {
    auto done = write_rows(plan);
    if (done) done = copy_states(plan.hot().new_states());
    if (!done) return failure(failed(std::move(done.error())));
    auto token = write_hot_and_commit(plan);
    if (!token) {
        CommitOutcome outcome = failed(std::move(token.error()));
        outcome.in_doubt = outcome.error.kind == pg::ErrorKind::connection;
        return failure(std::move(outcome));
    }
    has_merge_table_ |= made_merge_table_;
    return *token;
}

// One round trip.
pg::Expected<LogPosition> CommitTransaction::write_hot_and_commit(const CommitPlan& plan) {
    static const SqlText kReportSql = sql::text("queries/ingest/report_days.sql");
    static const SqlText kHotSql = sql::text("queries/ingest/update_hot.sql");
    static const SqlText kDaySql = sql::text("queries/ingest/update_last_day.sql");
    static const SqlText kPositionSql = sql::text("queries/log_position.sql");
    const auto& [tenants, entities, changed, removed, hot_at, last_days] = plan.hot().values();
    const auto& [day_tenants, day_entities, days] = plan.hot().days();
    const auto closed = closed_days(plan);
    pg::Params values;
    pg::Params day_values;
    pg::Params closed_values;
    std::vector<Statement> statements;
    if (!closed.empty()) {
        closed_values.add_int4s(closed);
        statements.push_back({.sql = kReportSql, .params = &closed_values, .name = "report_days"});
    }
    if (!tenants.empty() || !day_tenants.empty()) {
        // Of a table in many partitions planning takes longer than changing a few rows.
        statements.push_back(
            {.sql = "SET LOCAL plan_cache_mode = force_generic_plan", .name = "plan_once"});
    }
    if (!tenants.empty()) {
        values.add_int8s(tenants).add_int8s(entities).add_texts(views(changed));
        values.add_texts(views(removed)).add_texts(views(hot_at)).add_int4s(last_days);
        statements.push_back({.sql = kHotSql, .params = &values, .name = "update_hot"});
    }
    if (!day_tenants.empty()) {
        day_values.add_int8s(day_tenants).add_int8s(day_entities).add_int4s(days);
        statements.push_back({.sql = kDaySql, .params = &day_values, .name = "update_last_day"});
    }
    statements.push_back({.sql = "COMMIT", .name = "commit"});
    statements.push_back({.sql = kPositionSql, .name = "position"});
    const auto results = connection_.exec_pipeline(statements);
    if (results) {
        const pg::Rows& end = results->back();
        return LogPosition{.timeline = timeline_of_segment(end.text(0, 1)),
                           .lsn = parse_lsn(end.text(0, 0)).value_or(Lsn{})};
    }
    // If only the position could not be read, everything is committed, without a token.
    const pg::Error& error = results.error();
    const bool committed = error.kind != pg::ErrorKind::connection &&
                           error.statement + 1 == static_cast<int>(statements.size());
    if (committed) return LogPosition{};
    return failure(error);
}

}  // namespace atlas::ingest
