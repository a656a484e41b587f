// SPDX-License-Identifier: Apache-2.0
#include "ingest/commit/history_reader.h"

#include <algorithm>
#include <array>
#include <numeric>

#include "assets/sql.h"
#include "ingest/commit/state_cache.h"
#include "pg/binary_result.h"

namespace atlas::ingest {
namespace {

using std::chrono::days;

Time start_of(std::int32_t day) {
    return Time{std::chrono::sys_days{days{day}}};
}

struct KeyColumns {
    std::vector<std::int64_t> tenants;
    std::vector<std::int64_t> entities;

    void add(const EntityKey& key) {
        tenants.push_back(key.tenant.value);
        entities.push_back(key.entity.value);
    }
};

// The searches of the places in `open`, in one window of time.
pg::Expected<void> find_later(pg::Connection& connection, std::span<const AttributeSearch> searches,
                              std::span<const std::size_t> open, Time begin, Time end,
                              std::vector<std::int64_t>& later) {
    static const SqlText kSql = sql::text("queries/ingest/find_later.sql");
    KeyColumns columns;
    std::vector<std::int32_t> attributes;
    std::vector<Time> after;
    for (const std::size_t place : open) {
        columns.add(searches[place].key);
        attributes.push_back(searches[place].attribute);
        after.push_back(searches[place].after);
    }
    const auto rows = connection.exec(kSql, pg::Params{}
                                                .add_int8s(columns.tenants)
                                                .add_int8s(columns.entities)
                                                .add_int4s(attributes)
                                                .add_times(after)
                                                .add(begin)
                                                .add(end));
    if (!rows) return failure(rows.error());
    for (int i = 0; i < rows->size(); ++i) {
        later[open[static_cast<std::size_t>(rows->int8(i, 0) - 1)]] = rows->int8(i, 1);
    }
    return {};
}

// A row of read_existing.sql.
storage::StoredObservation observation_of(const pg::Rows& rows, int row) {
    std::array<std::string_view, storage::StoredObservation::kCells> cells;
    for (int i = 0; i < static_cast<int>(cells.size()); ++i) {
        if (!rows.is_null(row, i + 1))
            cells.at(static_cast<std::size_t>(i)) = rows.text(row, i + 1);
    }
    return {static_cast<std::size_t>(pg::read_int4(rows.text(row, 0)) - 1), cells};
}

}  // namespace

pg::Expected<std::vector<StoredState>> read_states(pg::Connection& connection,
                                                   std::span<const EntityKey> keys) {
    static const SqlText kSql = sql::text("queries/ingest/read_states.sql");
    KeyColumns columns;
    for (const EntityKey& key : keys) columns.add(key);
    const pg::Params params = pg::Params{}.add_int8s(columns.tenants).add_int8s(columns.entities);
    // Of a table in many partitions planning takes longer than reading a few rows.
    const std::array<pg::Connection::Statement, 3> statements{
        {{.sql = "SET LOCAL plan_cache_mode = force_generic_plan", .name = "plan_once"},
         {.sql = kSql, .params = &params, .name = "read_states"},
         {.sql = "SET LOCAL plan_cache_mode = force_custom_plan", .name = "plan_each"}}};
    const auto results = connection.exec_pipeline(statements);
    if (!results) return failure(results.error());
    const pg::Rows& rows = (*results)[1];
    std::vector<StoredState> states;
    states.reserve(keys.size());
    for (int i = 0; i < rows.size(); ++i) {
        StoredState state;
        state.key = static_cast<std::size_t>(rows.int8(i, 0) - 1);
        state.hot_attrs = rows.text(i, 1);
        state.hot_at = rows.text(i, 2);
        state.has_last_day = !rows.is_null(i, 3);
        if (state.has_last_day) state.last_day = static_cast<std::int32_t>(rows.int8(i, 3));
        state.deleted = rows.boolean(i, 4);
        states.push_back(std::move(state));
    }
    return states;
}

pg::Expected<std::int64_t> restore_states(pg::Connection& connection,
                                          std::span<const EntityKey> keys) {
    KeyColumns columns;
    for (const EntityKey& key : keys) columns.add(key);
    const auto rows =
        connection.exec(sql::text("queries/ingest/restore_states.sql"),
                        pg::Params{}.add_int8s(columns.tenants).add_int8s(columns.entities));
    if (!rows) return failure(rows.error());
    return rows->int8(0, 0);
}

pg::Expected<std::vector<std::int64_t>> read_newest(pg::Connection& connection,
                                                    std::span<const EntityKey> keys,
                                                    std::int32_t day) {
    static const SqlText kSql = sql::text("queries/ingest/read_newest.sql");
    KeyColumns columns;
    for (const EntityKey& key : keys) columns.add(key);
    const auto rows = connection.exec(kSql, pg::Params{}
                                                .add_int8s(columns.tenants)
                                                .add_int8s(columns.entities)
                                                .add(start_of(day))
                                                .add(start_of(day + 1)));
    if (!rows) return failure(rows.error());
    std::vector<std::int64_t> newest(keys.size(), EntityState::kNever);
    for (int i = 0; i < rows->size(); ++i) {
        newest[static_cast<std::size_t>(rows->int8(i, 0) - 1)] = rows->int8(i, 1);
    }
    return newest;
}

pg::Expected<void> read_existing(pg::Connection& connection, std::span<const ObservationKey> keys,
                                 const std::function<bool(storage::StoredObservation)>& on_row) {
    static const SqlText kSql = sql::text("queries/ingest/read_existing.sql");
    KeyColumns columns;
    std::vector<Time> times;
    for (const ObservationKey& key : keys) {
        columns.add(key.key);
        times.push_back(key.observed_at);
    }
    const auto [first, last] = std::ranges::minmax(times);
    const pg::Params params = pg::Params{}
                                  .add_int8s(columns.tenants)
                                  .add_int8s(columns.entities)
                                  .add_times(times)
                                  .add(first)
                                  .add(last);
    const std::array<pg::Connection::Statement, 1> statements{
        {{.sql = kSql,
          .params = &params,
          .format = pg::Connection::Format::binary,
          .stream = true}}};
    const auto done = connection.exec_pipeline(
        statements, [&](const pg::Rows& row) { return on_row(observation_of(row, 0)); });
    if (!done) return failure(done.error());
    return {};
}

pg::Expected<std::vector<std::int64_t>> find_later(pg::Connection& connection,
                                                   std::span<const AttributeSearch> searches) {
    constexpr int kGrowth = 8;
    std::vector<std::int64_t> later(searches.size(), EntityState::kNever);
    std::vector<std::size_t> open(searches.size());
    std::iota(open.begin(), open.end(), std::size_t{0});
    const Time first = std::ranges::min_element(searches, {}, &AttributeSearch::after)->after;
    Time end =
        start_of(std::ranges::max_element(searches, {}, &AttributeSearch::last_day)->last_day + 1);
    // Most attributes are reported every day. Of all the days back to a value that has not changed
    // for long, planning alone would take tens of milliseconds.
    for (days window{1}; !open.empty() && end > first; window *= kGrowth) {
        const Time begin = std::max(first, end - window);
        auto found = find_later(connection, searches, open, begin, end, later);
        if (!found) return failure(std::move(found.error()));
        std::erase_if(open, [&](std::size_t i) {
            return later[i] != EntityState::kNever || searches[i].after >= begin;
        });
        end = begin;
    }
    return later;
}

}  // namespace atlas::ingest
