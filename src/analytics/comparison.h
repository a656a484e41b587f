// SPDX-License-Identifier: Apache-2.0
//
// Finds what an analytics store holds otherwise than PostgreSQL, while both change.
//
//     HistoryReader ─┐
//                    ├─► [Comparison] → Differences → Repair
//     AnalyticsStore ┘
//
// Of a range of time, counts and order-free checksums are compared first, per tenant and attribute
// and per slice of the range; only slices that differ are read again, row by row. A row counts as
// different when the store was past the place in the log at which the database had it, read after
// that, and the database still has the same version of it afterwards, when every transaction that
// ran meanwhile has ended. Rows that change all the time stay undecided.
//
// It needs no earlier state: the store may be at any position of this database system, and may have
// been filled by anyone.
//
// Memory     bounded by the checksums of a range and the rows of max_points points, twice.
// Lifetime   the store outlives it, and what `applied` reads.
// Threading  one thread at a time; calls block, for as long as the range takes to be read.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "analytics/history_reader.h"
#include "analytics/point_hash.h"
#include "analytics/store.h"
#include "base/lsn.h"

namespace atlas::analytics {

struct ComparisonOptions {
    std::size_t max_points = 250'000;  // compared row by row at a time
    std::size_t max_rows = 5'000;      // of small tables
    // How long the store may lag, and a transaction that writes may stay open.
    std::chrono::milliseconds patience{30'000};
    int attempts = 5;  // for rows that change meanwhile
};

// How two sides differ: of the database's points or rows.
struct Differences {
    std::uint64_t missing = 0;  // in the store
    std::uint64_t changed = 0;  // other value, other arrival, or there more than once
    std::uint64_t extra = 0;    // in the store only
    std::uint64_t total() const { return missing + changed + extra; }
    void add(const Differences& other);
};

struct PointsCompared {
    std::uint64_t points = 0;  // of the database
    // By tenant and attribute (storage id), of those that differ.
    std::map<std::pair<std::int64_t, std::int64_t>, Differences> groups = {};
    std::uint64_t undecided = 0;
    // Every point that differs is in one of them, and the database's points in each.
    struct Part {
        TimeRange range;
        std::size_t points = 0;
    };
    std::vector<Part> parts = {};
    Differences differences() const;
};

struct RowsCompared {
    std::uint64_t rows = 0;
    Differences differences = {};
    std::uint64_t undecided = 0;
    std::vector<DimensionKey> differing = {};
    std::optional<KeyRange::Key> next = {};  // where the next call begins; nullopt: it was the last
};

class Comparison {
public:
    // Until where the store has the log; nullopt: not known.
    using Applied = std::function<std::optional<Lsn>()>;

    Comparison(const std::string& conninfo, AnalyticsStore& store, Applied applied,
               ComparisonOptions options = {});

    // The ranges of time that have a partition, ascending, none longer than a day.
    stream::Expected<std::vector<TimeRange>> days();
    stream::Expected<PointsCompared> points(const TimeRange& range, const std::stop_token& stop);
    // The next rows of a small table after a key.
    stream::Expected<RowsCompared> rows(stream::Table table, std::optional<KeyRange::Key> after,
                                        const std::stop_token& stop);

private:
    struct Sums;
    struct Row {
        Checksum content;
        std::uint64_t version = 0;
    };
    using PointRows = std::unordered_map<PointKey, Row, PointKeyHash>;
    using TableRows = std::map<KeyRange::Key, Row>;

    template <class Rows>
    struct Settled;
    template <class Rows>
    struct Sides;
    template <class Rows, class ReadHistory, class ReadStore>
    stream::Expected<Settled<Rows>> settle(ReadHistory read_history, ReadStore read_store,
                                           const std::stop_token& stop);
    template <class Rows, class ReadHistory, class ReadStore>
    stream::Expected<bool> read_both(Sides<Rows>& sides, ReadHistory& read_history,
                                     ReadStore& read_store, const std::stop_token& stop);
    stream::Expected<void> examine(const TimeRange& range, PointsCompared& found,
                                   const std::stop_token& stop);
    stream::Expected<bool> read_history(const TimeRange& range, PointRows& rows,
                                        const std::stop_token& stop);
    stream::Expected<bool> read_store(const TimeRange& range, PointRows& rows);
    stream::Expected<void> await_store(const std::stop_token& stop);
    stream::Expected<void> await_transactions(const std::stop_token& stop);

    AnalyticsStore& store_;
    const Applied applied_;
    const ComparisonOptions options_;
    HistoryReader history_;
};

}  // namespace atlas::analytics
