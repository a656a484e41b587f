// SPDX-License-Identifier: Apache-2.0
#include "analytics/loader_source.h"

#include <fmt/format.h>
#include <libpq-fe.h>

#include <atomic>

#include "assets/sql.h"
#include "base/time.h"
#include "pg/binary_result.h"
#include "pg/reopen.h"

namespace atlas::analytics {
namespace {

pg::SessionSettings source_session() {
    pg::SessionSettings settings;
    settings.application_name = "atlas analytics";
    return settings;
}

std::uint32_t oid_of(stream::Table table) {
    return static_cast<std::uint32_t>(table) + 1;
}

}  // namespace

stream::Error to_stream_error(const pg::Error& error) {
    return {.remedy = stream::Error::Remedy::retry, .message = pg::describe(error)};
}

ResultRows::ResultRows(stream::Table table, const pg::Rows& rows) {
    static std::atomic<std::uint32_t> versions{0};
    relation_.oid = oid_of(table);
    relation_.version = ++versions;
    relation_.table = table;
    for (int column = 0; column < rows.columns(); ++column) {
        relation_.columns.push_back(
            {.name = PQfname(rows.raw(), column), .type_oid = PQftype(rows.raw(), column)});
    }
    cells_.resize(relation_.columns.size());
}

std::span<const stream::Cell> ResultRows::row(const pg::Rows& rows, int row) {
    for (std::size_t i = 0; i < cells_.size(); ++i) {
        const int column = static_cast<int>(i);
        cells_[i] = rows.is_null(row, column) ? stream::Cell{}
                                              : stream::Cell{.kind = stream::Cell::Kind::value,
                                                             .bytes = rows.text(row, column)};
    }
    return cells_;
}

stream::Expected<std::vector<TimeRange>> list_ranges(pg::Connection& session) {
    const auto rows = session.exec(sql::text("queries/analytics/list_ranges.sql"));
    if (!rows) return failure(to_stream_error(rows.error()));
    std::vector<TimeRange> ranges;
    ranges.reserve(static_cast<std::size_t>(rows->size()));
    for (int row = 0; row < rows->size(); ++row) {
        ranges.push_back({.from = rows->int8(row, 0), .until = rows->int8(row, 1)});
    }
    return ranges;
}

stream::Expected<pg::Rows> DatabaseSource::read(const SqlText& sql, const pg::Params& params,
                                                pg::Connection::Format format) {
    if (auto opened = pg::reopen(session_, conninfo_, source_session()); !opened) {
        return failure(to_stream_error(opened.error()));
    }
    auto rows = session_->exec(sql, params, format);
    if (!rows) return failure(to_stream_error(rows.error()));
    return std::move(*rows);
}

stream::Expected<void> DatabaseSource::all_shapes(LoaderShapes& shapes) {
    const auto rows = read(sql::text("queries/analytics/shapes.sql"), {});
    if (!rows) return failure(rows.error());
    for (int row = 0; row < rows->size(); ++row) {
        shapes.add(pg::read_int4(rows->text(row, 0)), rows->text(row, 1));
    }
    return {};
}

stream::Expected<void> DatabaseSource::shape(std::int32_t id, LoaderShapes& shapes) {
    const auto rows =
        read(sql::text("queries/analytics/shape.sql"), pg::Params{}.add(std::int64_t{id}));
    if (!rows) return failure(rows.error());
    if (rows->empty() || !shapes.add(id, rows->text(0, 0))) shapes.add_empty(id);
    return {};
}

stream::Expected<void> DatabaseSource::observation(const ObservationKey& key, const UseRow& use) {
    const auto rows =
        read(sql::text("queries/analytics/observation.sql"),
             pg::Params{}.add(key.tenant).add(key.entity).add(time_from_micros(key.observed_at)));
    if (!rows) return failure(rows.error());
    ResultRows results(stream::Table::observations, *rows);
    if (!rows->empty()) use(results.relation(), results.row(*rows, 0));
    return {};
}

stream::Expected<void> DatabaseSource::dimension(const DimensionKey& key, const UseRow& use) {
    pg::Params params;
    const std::string sql = select_dimension_sql(key, params);
    const auto rows = read(sql, params);
    if (!rows) return failure(rows.error());
    ResultRows results(key.table, *rows);
    if (!rows->empty()) use(results.relation(), results.row(*rows, 0));
    return {};
}

stream::Expected<void> DatabaseSource::range(const TimeRange& times, const UseRow& use) {
    const auto rows =
        read(sql::text("queries/analytics/copy_observations.sql"),
             pg::Params{}.add(time_from_micros(times.from)).add(time_from_micros(times.until)));
    if (!rows) return failure(rows.error());
    ResultRows results(stream::Table::observations, *rows);
    for (int row = 0; row < rows->size(); ++row) use(results.relation(), results.row(*rows, row));
    return {};
}

stream::Expected<stream::CopySnapshot> DatabaseSource::snapshot() {
    const auto rows =
        read(sql::text("queries/analytics/take_snapshot.sql"), {}, pg::Connection::Format::text);
    if (!rows) return failure(rows.error());
    auto snapshot =
        stream::parse_copy_snapshot(fmt::format("0 {} {}", rows->text(0, 1), rows->text(0, 0)));
    if (!snapshot) return failure(stream::Error{.message = "not a snapshot"});
    return *std::move(snapshot);
}

}  // namespace atlas::analytics
