// SPDX-License-Identifier: Apache-2.0
#include "analytics/duckdb/reading.h"

#include "analytics/duckdb/dimension_sql.h"
#include "analytics/duckdb/statements.h"

namespace atlas::analytics::duckdb {
namespace {

// Of points_of_range.sql.
enum Column : std::uint8_t {
    kTenant,
    kEntity,
    kAttribute,
    kObservedAt,
    kDelay,
    kInt,
    kDouble,
    kText
};

void append(const Chunk& chunk, Points& points) {
    const Cells tenant = chunk.column(kTenant);
    const Cells entity = chunk.column(kEntity);
    const Cells attribute = chunk.column(kAttribute);
    const Cells observed_at = chunk.column(kObservedAt);
    const Cells delay = chunk.column(kDelay);
    const Cells ints = chunk.column(kInt);
    const Cells doubles = chunk.column(kDouble);
    const Cells texts = chunk.column(kText);
    for (std::size_t row = 0; row < chunk.rows(); ++row) {
        points.tenant.push_back(tenant.integer(row));
        points.entity.push_back(entity.integer(row));
        points.attribute.push_back(static_cast<std::int32_t>(attribute.integer(row)));
        points.observed_at.push_back(observed_at.integer(row));
        points.received_at.push_back(observed_at.integer(row) + delay.integer(row));
        points.int_value.push_back(ints.is_null(row) ? 0 : ints.integer(row));
        points.double_value.push_back(doubles.is_null(row) ? 0 : doubles.real(row));
        model::Group group = model::Group::ints;
        if (!doubles.is_null(row)) group = model::Group::doubles;
        if (!texts.is_null(row)) {
            group = model::Group::texts;
            points.text_bytes += texts.text(row);
        }
        const bool none = ints.is_null(row) && doubles.is_null(row) && texts.is_null(row);
        points.group.push_back(none ? Points::kNoValue : static_cast<std::uint8_t>(group));
        points.text.push_back(static_cast<std::uint32_t>(points.text_bytes.size()));
    }
}

}  // namespace

StoreExpected<void> read_points(Connection& connection, const TimeRange& range,
                                const std::function<bool(const Points&)>& use) {
    auto rows = connection.query(statement("points_of_range"),
                                 {time_from_micros(range.from), time_from_micros(range.until)});
    if (!rows) return failure(rows.error());
    Points points;
    while (true) {
        const auto chunk = rows->next();
        if (!chunk) return failure(chunk.error());
        if (!*chunk) return {};
        points.clear();
        append(**chunk, points);
        if (!use(points)) return {};
    }
}

StoreExpected<void> read_rows(Connection& connection, stream::Table table, const KeyRange& range,
                              const std::function<void(const DimensionRow&)>& use) {
    auto rows = connection.query(select_rows_sql(table, range));
    if (!rows) return failure(rows.error());
    DimensionRow read{.table = table, .cells = {}};
    read.cells.resize(dimension_columns(table).size());
    std::vector<Cells> columns;
    while (true) {
        const auto chunk = rows->next();
        if (!chunk) return failure(chunk.error());
        if (!*chunk) return {};
        columns.clear();
        for (std::size_t i = 0; i < read.cells.size(); ++i) columns.push_back((*chunk)->column(i));
        for (std::size_t row = 0; row < (*chunk)->rows(); ++row) {
            for (std::size_t i = 0; i < columns.size(); ++i) {
                read.cells[i].reset();
                if (!columns[i].is_null(row)) read.cells[i].emplace(columns[i].text(row));
            }
            use(read);
        }
    }
}

}  // namespace atlas::analytics::duckdb
