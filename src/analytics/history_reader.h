// SPDX-License-Identifier: Apache-2.0
//
// The rows of PostgreSQL in the form that a store has them, for comparisons.
//
//     PostgreSQL → [HistoryReader] → Points, DimensionRow, version of their row
//
// A version is another one after each change of the row, so that a row that two reads show alike
// was not changed between them.
//
// Lifetime   opens its session when it is needed, and again after a failure.
// Threading  one thread at a time; calls block for a statement and its rows, which are handed out
//            while they arrive.
#pragma once

#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "analytics/loader_dimensions.h"
#include "analytics/loader_points.h"
#include "analytics/loader_shapes.h"
#include "analytics/loader_source.h"
#include "analytics/store.h"
#include "pg/connection.h"
#include "stream/copy_snapshot.h"

namespace atlas::analytics {

class HistoryReader {
public:
    explicit HistoryReader(const std::string& conninfo) : conninfo_(conninfo), source_(conninfo) {}

    // The ranges of time that have a partition, of a day or a month, ascending.
    stream::Expected<std::vector<TimeRange>> ranges();
    // What a statement that begins now shows at least. Its position has no timeline.
    stream::Expected<stream::CopySnapshot> snapshot() { return source_.snapshot(); }

    // The points of an observation at a time, until `use` returns false. Fails with "stopping" when
    // a stop is requested.
    using UsePoints = std::function<bool(const Points& points, std::uint32_t version)>;
    stream::Expected<void> read_points(const TimeRange& range, const std::stop_token& stop,
                                       const UsePoints& use);

    // At most `limit` rows, by key.
    using UseRow = std::function<void(const DimensionKey& key, const DimensionRow& row,
                                      std::uint32_t version)>;
    stream::Expected<void> read_rows(stream::Table table, const KeyRange& range, std::size_t limit,
                                     const UseRow& use);

private:
    stream::Expected<pg::Connection*> session();
    stream::Expected<void> append(const ResultRows& results, std::span<const stream::Cell> row);

    const std::string conninfo_;
    std::optional<pg::Connection> session_;
    DatabaseSource source_;
    LoaderShapes shapes_;
    LoaderPoints rows_{shapes_};
    LoaderDimensions small_;
    Points points_;
};

}  // namespace atlas::analytics
