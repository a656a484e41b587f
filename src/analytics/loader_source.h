// SPDX-License-Identifier: Apache-2.0
//
// What the log does not hold and a loader therefore asks the database for: shapes from before the
// stream began, rows with a large value that an update did not touch, and rows to be repaired.
//
//     Loader → [LoaderSource] → PostgreSQL
//
// A row comes as it is now, which may be later than the place in the log: the log then brings the
// same change again.
//
// Lifetime   as its session; opens it when it is needed, and again after a failure.
// Threading  one thread at a time; calls block for a statement.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>

#include "analytics/loader_dimensions.h"
#include "analytics/loader_points.h"
#include "analytics/loader_shapes.h"
#include "analytics/store.h"
#include "pg/connection.h"
#include "stream/change.h"
#include "stream/copy_snapshot.h"
#include "stream/subscriber.h"

namespace atlas::analytics {

class LoaderSource {
public:
    // Borrowed for the time of the call.
    using UseRow = std::function<void(const stream::Relation&, std::span<const stream::Cell>)>;

    LoaderSource() = default;
    LoaderSource(const LoaderSource&) = delete;
    LoaderSource& operator=(const LoaderSource&) = delete;
    virtual ~LoaderSource() = default;

    virtual stream::Expected<void> all_shapes(LoaderShapes& shapes) = 0;
    // Adds it without attributes when the database has none of that id.
    virtual stream::Expected<void> shape(std::int32_t id, LoaderShapes& shapes) = 0;
    // Call `use` with the row, or not at all when there is none.
    virtual stream::Expected<void> observation(const ObservationKey& key, const UseRow& use) = 0;
    virtual stream::Expected<void> dimension(const DimensionKey& key, const UseRow& use) = 0;
    // For repairs: the rows of a range of time, and what a statement that begins now shows at
    // least. Its position has no timeline.
    virtual stream::Expected<void> range(const TimeRange& times, const UseRow& use) = 0;
    virtual stream::Expected<stream::CopySnapshot> snapshot() = 0;
};

class DatabaseSource final : public LoaderSource {
public:
    explicit DatabaseSource(std::string conninfo) : conninfo_(std::move(conninfo)) {}

    stream::Expected<void> all_shapes(LoaderShapes& shapes) override;
    stream::Expected<void> shape(std::int32_t id, LoaderShapes& shapes) override;
    stream::Expected<void> observation(const ObservationKey& key, const UseRow& use) override;
    stream::Expected<void> dimension(const DimensionKey& key, const UseRow& use) override;
    stream::Expected<void> range(const TimeRange& times, const UseRow& use) override;
    stream::Expected<stream::CopySnapshot> snapshot() override;

private:
    stream::Expected<pg::Rows> read(const SqlText& sql, const pg::Params& params,
                                    pg::Connection::Format format = pg::Connection::Format::binary);

    const std::string conninfo_;
    std::optional<pg::Connection> session_;
};

// Rows of a result in the binary format as the log would bring them.
class ResultRows {
public:
    ResultRows(stream::Table table, const pg::Rows& rows);
    const stream::Relation& relation() const { return relation_; }
    // Borrows from the rows and from this, until the next call.
    std::span<const stream::Cell> row(const pg::Rows& rows, int row);

private:
    stream::Relation relation_;
    std::vector<stream::Cell> cells_;
};

// Runs `add`, which appends a row by `rows`, and again once the shape that it lacks was looked up.
template <class Add>
stream::Expected<LoaderPoints::Outcome> add_with_shape(const LoaderPoints& rows,
                                                       LoaderSource& source, LoaderShapes& shapes,
                                                       Add add) {
    auto outcome = add();
    if (outcome == LoaderPoints::Outcome::unknown_shape && shapes.size() == 0) {
        if (auto done = source.all_shapes(shapes); !done) return failure(done.error());
        outcome = add();
    }
    if (outcome == LoaderPoints::Outcome::unknown_shape) {
        if (auto done = source.shape(rows.missing_shape(), shapes); !done) {
            return failure(done.error());
        }
        outcome = add();
    }
    return outcome;
}

// The ranges of time that have a partition of observations, ascending.
stream::Expected<std::vector<TimeRange>> list_ranges(pg::Connection& session);

// The failure of a statement as that of a follower: it starts again from its checkpoint.
stream::Error to_stream_error(const pg::Error& error);

// "SELECT … FROM public.entities", of the columns that the database has; of one key with a WHERE
// clause and its parameters.
std::string select_dimension_sql(stream::Table table);
std::string select_dimension_sql(const DimensionKey& key, pg::Params& params);
// Of a range of keys, by key, at most `limit`; xmin comes first.
std::string select_dimension_sql(stream::Table table, const KeyRange& range, std::size_t limit,
                                 pg::Params& params);

}  // namespace atlas::analytics
