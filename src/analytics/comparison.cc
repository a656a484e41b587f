// SPDX-License-Identifier: Apache-2.0
#include "analytics/comparison.h"

#include <algorithm>
#include <array>
#include <thread>
#include <utility>

namespace atlas::analytics {
namespace {

using std::chrono::milliseconds;
using stream::Error;
using stream::Table;

constexpr milliseconds kPause{20};
constexpr std::int64_t kDayMicros = std::int64_t{86'400} * 1'000'000;
constexpr std::size_t kSlices = 1440;  // of a range: minutes of a day
// Points that differ and are closer together are repaired with what lies between.
constexpr std::int64_t kGap = 1'000'000;
constexpr std::size_t kMaxParts = 16;  // of a range that is compared row by row

Error of_store(const StoreError& error) {
    return {.message = "the analytics store: " + error.message};
}

// Waits until `done` says so; false: not within the patience.
template <class Done>
stream::Expected<bool> await(milliseconds patience, const std::stop_token& stop, Done done) {
    const auto until = std::chrono::steady_clock::now() + patience;
    for (;;) {
        stream::Expected<bool> is_done = done();
        if (!is_done || *is_done) return is_done;
        if (stop.stop_requested()) return failure(Error{.message = "stopping"});
        if (std::chrono::steady_clock::now() > until) return false;
        std::this_thread::sleep_for(kPause);
    }
}

}  // namespace

void Differences::add(const Differences& other) {
    missing += other.missing;
    changed += other.changed;
    extra += other.extra;
}

Differences PointsCompared::differences() const {
    Differences all;
    for (const auto& [group, differences] : groups) all.add(differences);
    return all;
}

// The checksums of a range on one side.
struct Comparison::Sums {
    explicit Sums(const TimeRange& of) : range(of) {}

    void add(const Points& points) {
        hash_points(points, [&](std::size_t i, std::uint64_t hash) {
            groups[{.tenant = points.tenant[i], .attribute = points.attribute[i]}].add(hash);
            slices[slice_of(points.observed_at[i])].add(hash);
            ++count;
        });
    }
    std::int64_t width() const {
        return (range.until - range.from + std::int64_t{kSlices} - 1) / std::int64_t{kSlices};
    }
    std::size_t slice_of(std::int64_t at) const {
        return static_cast<std::size_t>((at - range.from) / width());
    }
    TimeRange slice(std::size_t number) const {
        const std::int64_t from = range.from + static_cast<std::int64_t>(number) * width();
        return {.from = from, .until = std::min(from + width(), range.until)};
    }

    const TimeRange range;
    std::unordered_map<PointKey, Checksum, PointKeyHash> groups;  // of tenant and attribute alone
    std::array<Checksum, kSlices> slices{};
    std::uint64_t count = 0;
};

// What is known of the rows of both sides.
template <class Rows>
struct Comparison::Settled {
    Rows history;
    bool too_many = false;  // the range has to be divided
    std::vector<std::pair<typename Rows::key_type, Differences>> differing;
    std::uint64_t undecided = 0;
};

Comparison::Comparison(const std::string& conninfo, AnalyticsStore& store, Applied applied,
                       ComparisonOptions options)
    : store_(store), applied_(std::move(applied)), options_(options), history_(conninfo) {
}

stream::Expected<std::vector<TimeRange>> Comparison::days() {
    const auto ranges = history_.ranges();
    if (!ranges) return failure(ranges.error());
    std::vector<TimeRange> days;
    for (TimeRange range : *ranges) {
        for (; range.from < range.until; range.from += kDayMicros) {
            days.push_back(
                {.from = range.from, .until = std::min(range.from + kDayMicros, range.until)});
        }
    }
    return days;
}

// Until the store has what statements that ended before this call showed.
stream::Expected<void> Comparison::await_store(const std::stop_token& stop) {
    const auto snapshot = history_.snapshot();
    if (!snapshot) return failure(snapshot.error());
    const auto passed = await(options_.patience, stop, [&]() -> stream::Expected<bool> {
        const auto applied = applied_();
        return applied && *applied >= snapshot->after.lsn;
    });
    if (!passed) return failure(passed.error());
    if (*passed) return {};
    return failure(Error{.message = "the analytics store lags too much to be compared"});
}

// A commit is in the log, and so in the store, before statements show it: until every transaction
// that runs now is shown or was rolled back.
stream::Expected<void> Comparison::await_transactions(const std::stop_token& stop) {
    const auto now = history_.snapshot();
    if (!now) return failure(now.error());
    const auto ended = await(options_.patience, stop, [&]() -> stream::Expected<bool> {
        const auto later = history_.snapshot();
        if (!later) return failure(later.error());
        return std::ranges::all_of(now->running, [&](std::uint64_t xid) {
            return later->shows(static_cast<std::uint32_t>(xid));
        });
    });
    if (!ended) return failure(ended.error());
    if (*ended) return {};
    return failure(Error{.message = "a transaction that writes is open for too long for a "
                                    "comparison; see pg_stat_activity and pg_prepared_xacts"});
}

stream::Expected<PointsCompared> Comparison::points(const TimeRange& range,
                                                    const std::stop_token& stop) {
    Sums history(range);
    const auto read =
        history_.read_points(range, stop, [&](const Points& points, std::uint32_t /*version*/) {
            history.add(points);
            return true;
        });
    if (!read) return failure(read.error());
    if (auto passed = await_store(stop); !passed) return failure(passed.error());
    Sums store(range);
    const auto stored = store_.read_points(range, [&](const Points& points) {
        store.add(points);
        return !stop.stop_requested();
    });
    if (!stored) return failure(of_store(stored.error()));
    PointsCompared found{.points = history.count};
    if (history.groups == store.groups && history.slices == store.slices) return found;
    const auto larger = [&](std::size_t slice) {
        return std::max(history.slices[slice].count, store.slices[slice].count);
    };
    for (std::size_t i = 0; i < kSlices; ++i) {
        if (stop.stop_requested()) return failure(Error{.message = "stopping"});
        if (history.slices[i] == store.slices[i]) continue;
        // Its neighbours that differ, too, are read with it, as long as they fit.
        TimeRange together = history.slice(i);
        std::uint64_t count = larger(i);
        while (i + 1 < kSlices && history.slices[i + 1] != store.slices[i + 1] &&
               count + larger(i + 1) <= options_.max_points) {
            count += larger(++i);
            together.until = history.slice(i).until;
        }
        if (auto done = examine(together, found, stop); !done) return failure(done.error());
    }
    return found;
}

// False: there are more than max_points, and the range can be divided.
stream::Expected<bool> Comparison::read_history(const TimeRange& range, PointRows& rows,
                                                const std::stop_token& stop) {
    bool fits = true;
    const auto read =
        history_.read_points(range, stop, [&](const Points& points, std::uint32_t version) {
            hash_points(points, [&](std::size_t i, std::uint64_t hash) {
                Row& row = rows[{points.tenant[i], points.entity[i], points.observed_at[i],
                                 points.attribute[i]}];
                row.content.add(hash);
                row.version += version;
            });
            fits = rows.size() <= options_.max_points || range.until - range.from == 1;
            return fits;
        });
    if (!read) return failure(read.error());
    return fits;
}

stream::Expected<bool> Comparison::read_store(const TimeRange& range, PointRows& rows) {
    bool fits = true;
    const auto read = store_.read_points(range, [&](const Points& points) {
        hash_points(points, [&](std::size_t i, std::uint64_t hash) {
            rows[{points.tenant[i], points.entity[i], points.observed_at[i], points.attribute[i]}]
                .content.add(hash);
        });
        fits = rows.size() <= options_.max_points || range.until - range.from == 1;
        return fits;
    });
    if (!read) return failure(of_store(read.error()));
    return fits;
}

// One look at both sides: history before and after the store.
template <class Rows>
struct Comparison::Sides {
    using Key = typename Rows::key_type;
    using Keys = std::vector<Key>;
    using Contents = std::map<Key, Checksum>;

    static Checksum content(const Rows& rows, const Key& key) {
        const auto found = rows.find(key);
        return found == rows.end() ? Checksum{} : found->second.content;
    }
    Keys suspects() const {
        Keys keys;
        for (const auto& [key, row] : before) {
            if (content(store, key) != row.content) keys.push_back(key);
        }
        for (const auto& [key, row] : store) {
            if (!before.contains(key)) keys.push_back(key);
        }
        return keys;
    }
    bool is_unchanged(const Key& key) const {
        const auto was = before.find(key);
        const auto is = after.find(key);
        if (was == before.end()) return is == after.end();
        return is != after.end() && is->second.content == was->second.content &&
               is->second.version == was->second.version;
    }
    // Of a suspect. A row that is in the store only may have come and gone between the two reads of
    // history: it counts when the look before this one had it, too.
    void judge(const Key& key, const Contents& extras_before, Settled<Rows>& settled) {
        const Checksum stored = content(store, key);
        if (!is_unchanged(key)) {
            if (content(after, key) != stored) ++settled.undecided;
            return;
        }
        if (!before.contains(key)) {
            extras[key] = stored;
            const auto earlier = extras_before.find(key);
            if (earlier == extras_before.end() || earlier->second != stored) {
                ++settled.undecided;
                return;
            }
        }
        Differences kind;
        kind.missing = stored.count == 0 ? 1 : 0;
        kind.extra = before.contains(key) ? 0 : 1;
        kind.changed = kind.missing + kind.extra == 0 ? 1 : 0;
        settled.differing.emplace_back(key, kind);
    }

    Rows before;
    Rows store;
    Rows after;
    Contents extras;
};

// False: one of them is too many.
template <class Rows, class ReadHistory, class ReadStore>
stream::Expected<bool> Comparison::read_both(Sides<Rows>& sides, ReadHistory& read_history,
                                             ReadStore& read_store, const std::stop_token& stop) {
    auto fits = read_history(sides.before);
    if (!fits || !*fits) return fits;
    if (auto passed = await_store(stop); !passed) return failure(passed.error());
    return read_store(sides.store);
}

template <class Rows, class ReadHistory, class ReadStore>
stream::Expected<Comparison::Settled<Rows>> Comparison::settle(ReadHistory read_history,
                                                               ReadStore read_store,
                                                               const std::stop_token& stop) {
    Settled<Rows> settled;
    typename Sides<Rows>::Contents extras;
    for (int attempt = 0; attempt < options_.attempts; ++attempt) {
        settled = {};
        Sides<Rows> sides;
        auto fits = read_both(sides, read_history, read_store, stop);
        if (!fits) return failure(fits.error());
        const auto suspects = *fits ? sides.suspects() : typename Sides<Rows>::Keys{};
        if (*fits && suspects.empty()) return settled;
        if (*fits) {
            if (auto ended = await_transactions(stop); !ended) return failure(ended.error());
            fits = read_history(sides.after);
            if (!fits) return failure(fits.error());
        }
        settled.too_many = !*fits;
        if (settled.too_many) return settled;
        for (const auto& key : suspects) sides.judge(key, extras, settled);
        extras = std::move(sides.extras);
        settled.history = std::move(sides.after);
        if (settled.undecided == 0) return settled;
    }
    return settled;
}

stream::Expected<void> Comparison::examine(const TimeRange& range, PointsCompared& found,
                                           const std::stop_token& stop) {
    if (stop.stop_requested()) return failure(Error{.message = "stopping"});
    auto settled =
        settle<PointRows>([&](PointRows& rows) { return read_history(range, rows, stop); },
                          [&](PointRows& rows) { return read_store(range, rows); }, stop);
    if (!settled) return failure(settled.error());
    if (settled->too_many) {
        const std::int64_t middle = range.from + (range.until - range.from) / 2;
        if (auto done = examine({range.from, middle}, found, stop); !done) return done;
        return examine({middle, range.until}, found, stop);
    }
    found.undecided += settled->undecided;
    if (settled->differing.empty()) return {};
    std::vector<std::int64_t> times;
    for (const auto& [key, differences] : settled->differing) {
        found.groups[{key.tenant, key.attribute}].add(differences);
        times.push_back(key.observed_at);
    }
    std::ranges::sort(times);
    std::vector<TimeRange> ranges;
    for (const std::int64_t time : times) {
        if (ranges.empty() || time - ranges.back().until > kGap) ranges.push_back({time, time});
        ranges.back().until = time + 1;
    }
    if (ranges.size() > kMaxParts) ranges = {{times.front(), times.back() + 1}};
    for (const TimeRange& part : ranges) {
        const auto points = std::ranges::count_if(settled->history, [&](const auto& row) {
            return row.first.observed_at >= part.from && row.first.observed_at < part.until;
        });
        found.parts.push_back({.range = part, .points = static_cast<std::size_t>(points)});
    }
    return {};
}

stream::Expected<RowsCompared> Comparison::rows(Table table, std::optional<KeyRange::Key> after,
                                                const std::stop_token& stop) {
    // The first look decides which keys are compared.
    KeyRange range{.after = after, .until = {}};
    const auto look = [&](TableRows& rows, std::uint64_t limit) -> stream::Expected<bool> {
        auto read = history_.read_rows(
            table, range, limit,
            [&](const DimensionKey& key, const DimensionRow& row, std::uint32_t version) {
                Row& kept = rows[key.parts];
                kept.content.add(hash_row(row));
                kept.version += version;
            });
        if (!read) return failure(read.error());
        return true;
    };
    std::optional<TableRows> first(std::in_place);
    if (auto found = look(*first, options_.max_rows); !found) return failure(found.error());
    const std::uint64_t count = first->size();
    if (count == options_.max_rows) range.until = first->rbegin()->first;
    const auto settled = settle<TableRows>(
        [&](TableRows& rows) -> stream::Expected<bool> {
            if (!first) return look(rows, SIZE_MAX >> 1U);
            rows = *std::exchange(first, std::nullopt);
            return true;
        },
        [&](TableRows& rows) -> stream::Expected<bool> {
            auto read = store_.read_rows(table, range, [&](const DimensionRow& row) {
                KeyRange::Key key{};
                std::size_t part = 0;
                const auto columns = dimension_columns(table);
                for (std::size_t i = 0; i < columns.size(); ++i) {
                    if (columns[i].key) key[part++] = std::stoll(row.cells[i].value_or("0"));
                }
                rows[key].content.add(hash_row(row));
            });
            if (!read) return failure(of_store(read.error()));
            return true;
        },
        stop);
    if (!settled) return failure(settled.error());
    RowsCompared compared{.rows = count, .undecided = settled->undecided};
    for (const auto& [key, differences] : settled->differing) {
        compared.differences.add(differences);
        compared.differing.push_back({.table = table, .parts = key});
    }
    compared.next = range.until;
    return compared;
}

}  // namespace atlas::analytics
