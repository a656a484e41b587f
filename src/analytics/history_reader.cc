// SPDX-License-Identifier: Apache-2.0
#include "analytics/history_reader.h"

#include <fmt/format.h>

#include "assets/sql.h"
#include "base/time.h"
#include "pg/binary_result.h"
#include "pg/reopen.h"

namespace atlas::analytics {
namespace {

using stream::Error;
using stream::Table;

pg::SessionSettings reader_session() {
    pg::SessionSettings settings;
    settings.application_name = "atlas comparison";
    settings.statement_timeout = std::chrono::milliseconds{0};  // as long as one day takes
    return settings;
}

Error damaged(std::string_view table) {
    return {.message = fmt::format("a row of {} does not have the columns of this version; run "
                                   "atlas migrate",
                                   table)};
}

// xmin is the first column.
std::uint32_t version_of(std::span<const stream::Cell> row) {
    return static_cast<std::uint32_t>(pg::read_int4(row[0].bytes));
}

}  // namespace

stream::Expected<pg::Connection*> HistoryReader::session() {
    if (auto opened = pg::reopen(session_, conninfo_, reader_session()); !opened) {
        return failure(to_stream_error(opened.error()));
    }
    return &*session_;
}

stream::Expected<std::vector<TimeRange>> HistoryReader::ranges() {
    const auto opened = session();
    if (!opened) return failure(opened.error());
    return list_ranges(**opened);
}

stream::Expected<void> HistoryReader::append(const ResultRows& results,
                                             std::span<const stream::Cell> row) {
    if (!rows_.bind(results.relation())) return failure(damaged("observations"));
    points_.clear();
    const auto outcome =
        add_with_shape(rows_, source_, shapes_, [&] { return rows_.append(row, points_); });
    if (!outcome) return failure(outcome.error());
    if (*outcome == LoaderPoints::Outcome::added) return {};
    return failure(damaged("observations"));
}

stream::Expected<void> HistoryReader::read_points(const TimeRange& range,
                                                  const std::stop_token& stop,
                                                  const UsePoints& use) {
    const auto opened = session();
    if (!opened) return failure(opened.error());
    pg::Params params;
    params.add(time_from_micros(range.from)).add(time_from_micros(range.until));
    const pg::Connection::Statement statement{
        .sql = sql::text("queries/analytics/compare_observations.sql"),
        .params = &params,
        .format = pg::Connection::Format::binary,
        .stream = true};
    std::optional<ResultRows> results;
    stream::Expected<void> kept;
    bool wanted = true;
    const auto read = (*opened)->exec_pipeline(std::span(&statement, 1), [&](const pg::Rows& rows) {
        if (!results) results.emplace(Table::observations, rows);
        const auto row = results->row(rows, 0);
        kept = append(*results, row);
        wanted = kept && use(points_, version_of(row));
        return wanted && !stop.stop_requested();
    });
    if (!kept) return kept;
    if (stop.stop_requested()) return failure(Error{.message = "stopping"});
    if (wanted && !read) return failure(to_stream_error(read.error()));
    return {};
}

stream::Expected<void> HistoryReader::read_rows(Table table, const KeyRange& range,
                                                std::size_t limit, const UseRow& use) {
    const auto opened = session();
    if (!opened) return failure(opened.error());
    pg::Params params;
    const std::string sql = select_dimension_sql(table, range, limit, params);
    const auto rows =
        (*opened)->exec(SqlText(sql, "analytics/compare"), params, pg::Connection::Format::binary);
    if (!rows) return failure(to_stream_error(rows.error()));
    ResultRows results(table, *rows);
    DimensionRow read;
    for (int i = 0; i < rows->size(); ++i) {
        const auto row = results.row(*rows, i);
        const auto key =
            small_.bind(results.relation()) ? small_.key(row) : std::optional<DimensionKey>{};
        if (!key || small_.read(row, read) != LoaderDimensions::Outcome::read) {
            return failure(damaged("a small table"));
        }
        use(*key, read, version_of(row));
    }
    return {};
}

}  // namespace atlas::analytics
