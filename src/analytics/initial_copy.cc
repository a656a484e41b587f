// SPDX-License-Identifier: Apache-2.0
#include "analytics/initial_copy.h"

#include <fmt/format.h>

#include <algorithm>

#include "analytics/loader_source.h"
#include "assets/sql.h"
#include "base/time.h"
#include "pg/reopen.h"

namespace atlas::analytics {
namespace {

using std::chrono::milliseconds;
using stream::Error;
using stream::Table;

constexpr milliseconds kPauseAfterFailure{1000};
// A commit that is in the log and not yet visible is so in a moment, with synchronous replication
// after the standby's answer.
constexpr milliseconds kPauseForVisibility{20};

pg::SessionSettings copy_session() {
    pg::SessionSettings settings;
    settings.application_name = "atlas initial copy";
    settings.statement_timeout = milliseconds{0};  // as long as one part takes
    settings.idle_in_transaction_timeout = milliseconds{0};
    return settings;
}

}  // namespace

// The rows of one part on their way into batches.
struct InitialCopy::Job {
    Job(InitialCopy& owner, const InitialCopyPlan::Work& of)
        : copy(owner), work(of), source(owner.conninfo_), batch(owner.max_points_) {}

    stream::Expected<void> add(const pg::Rows& rows) {
        if (!results) results.emplace(work.part.table, rows);
        const auto row = results->row(rows, 0);
        auto added = work.part.table == Table::observations ? add_observation(row) : add_small(row);
        if (!added) return added;
        return batch.full() ? flush() : stream::Expected<void>{};
    }

    // A part that fits one batch needs no note of its beginning.
    stream::Expected<void> flush() {
        prepare();
        batch.batch().notes = InitialCopyPlan::begun(work);
        return apply();
    }

    stream::Expected<void> end(const stream::CopySnapshot& snapshot) {
        prepare();
        batch.batch().notes = InitialCopyPlan::done(work, snapshot);
        return apply();
    }

private:
    // What an interrupted copy of the part left is removed by the first batch.
    void prepare() {
        if (!first || !work.repeated) return;
        if (work.part.table == Table::observations) {
            batch.batch().cleared.push_back(work.part.range);
        } else {
            batch.batch().truncated.push_back(work.part.table);
        }
    }

    stream::Expected<void> apply() {
        first = false;
        auto applied = copy.apply(batch.finish());
        batch.clear();
        return applied;
    }

    stream::Expected<void> add_observation(std::span<const stream::Cell> row) {
        if (!points.bind(results->relation())) return damaged();
        const auto outcome =
            add_with_shape(points, source, shapes, [&] { return batch.add(points, row); });
        if (!outcome) return failure(outcome.error());
        return *outcome == LoaderPoints::Outcome::added ? stream::Expected<void>{} : damaged();
    }

    stream::Expected<void> add_small(std::span<const stream::Cell> row) {
        const auto key =
            small.bind(results->relation()) ? small.key(row) : std::optional<DimensionKey>{};
        if (!key || small.read(row, batch.dimension(*key)) != LoaderDimensions::Outcome::read) {
            return damaged();
        }
        return {};
    }

    stream::Expected<void> damaged() const {
        return failure(Error{.remedy = Error::Remedy::stop,
                             .message = fmt::format("a row of {} does not have the columns of this "
                                                    "version; run atlas migrate",
                                                    to_string(work.part))});
    }

public:
    InitialCopy& copy;
    const InitialCopyPlan::Work& work;
    DatabaseSource source;
    LoaderShapes shapes;
    LoaderPoints points{shapes};
    LoaderDimensions small;
    LoaderBatch batch;
    std::optional<ResultRows> results;
    bool first = true;
};

InitialCopy::InitialCopy(std::string conninfo, InitialCopyPlan& plan, AnalyticsStore& store,
                         observe::Registry& registry, std::size_t max_points)
    : conninfo_(std::move(conninfo)),
      max_points_(max_points),
      plan_(plan),
      store_(store),
      failures_(registry, "atlas_analytics_copy_failures_total",
                "Parts of an initial copy that failed and were begun again."),
      parts_(registry, "atlas_analytics_copy_parts", "Parts of the initial copy that runs, else 0.",
             [this] { return static_cast<double>(plan_.progress().parts); }),
      parts_left_(registry, "atlas_analytics_copy_parts_left",
                  "Parts of the initial copy that are not in the store yet.", [this] {
                      const auto progress = plan_.progress();
                      return static_cast<double>(progress.parts - progress.done);
                  }) {
}

InitialCopy::~InitialCopy() {
    stop();
}

stream::Expected<pg::Connection*> InitialCopy::session() {
    if (auto opened = pg::reopen(session_, conninfo_, copy_session()); !opened) {
        return failure(to_stream_error(opened.error()));
    }
    return &*session_;
}

stream::Expected<std::vector<CopyPart>> InitialCopy::list_parts() {
    const auto opened = session();
    if (!opened) return failure(opened.error());
    const auto ranges = list_ranges(**opened);
    if (!ranges) return failure(ranges.error());
    std::vector<CopyPart> parts;
    for (const Table table : kSmallTables) parts.push_back({.table = table, .range = {}});
    for (const TimeRange& range : *ranges) {
        parts.push_back({.table = Table::observations, .range = range});
    }
    return parts;
}

void InitialCopy::start() {
    stop();
    stopping_ = false;
    thread_ = std::thread([this] { run(); });
}

void InitialCopy::stop() {
    {
        const std::scoped_lock lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
}

bool InitialCopy::pause(milliseconds wait) {
    std::unique_lock lock(mutex_);
    return !wake_.wait_for(lock, wait, [this] { return stopping_.load(); });
}

void InitialCopy::run() {
    while (!stopping_) {
        const auto work = plan_.begin();
        if (!work) break;
        const auto copied = copy(*work);
        if (copied) {
            failed_for_.clear();
            continue;
        }
        plan_.give_up(*work);
        if (stopping_) break;
        failures_.add();
        if (std::exchange(failed_for_, copied.error().message) != copied.error().message) {
            observe::log_warning("analytics: the copy of {} begins again: {}",
                                 to_string(work->part), copied.error().message);
        }
        if (!pause(kPauseAfterFailure)) break;
    }
    session_.reset();
}

stream::Expected<void> InitialCopy::apply(const Batch& batch) {
    if (stopping_) return failure(Error{.message = "stopping"});
    const auto applied = store_.apply(batch);
    if (!applied) return failure(Error{.message = applied.error().message});
    return {};
}

// Retried until it shows what was delivered of the log before the part began.
stream::Expected<stream::CopySnapshot> InitialCopy::take_snapshot(
    pg::Connection& session, const InitialCopyPlan::Work& work) {
    for (;;) {
        if (auto begun = session.exec("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"); !begun) {
            return failure(to_stream_error(begun.error()));
        }
        const auto rows = session.exec(sql::text("queries/analytics/take_snapshot.sql"));
        if (!rows) return failure(to_stream_error(rows.error()));
        auto snapshot = stream::parse_copy_snapshot(
            fmt::format("{} {} {}", work.safe.timeline, rows->text(0, 1), rows->text(0, 0)));
        if (!snapshot) return failure(Error{.message = "not a snapshot"});
        const bool shows_all = std::ranges::all_of(
            work.delivered, [&](std::uint32_t xid) { return snapshot->shows(xid); });
        if (shows_all) return std::move(*snapshot);
        if (auto ended = session.exec("ROLLBACK"); !ended) {
            return failure(to_stream_error(ended.error()));
        }
        if (!pause(kPauseForVisibility)) return failure(Error{.message = "stopping"});
    }
}

stream::Expected<void> InitialCopy::copy(const InitialCopyPlan::Work& work) {
    const auto opened = session();
    if (!opened) return failure(opened.error());
    pg::Connection& session = **opened;
    if (session.in_transaction()) {
        if (auto ended = session.exec("ROLLBACK"); !ended) {
            return failure(to_stream_error(ended.error()));
        }
    }
    const auto snapshot = take_snapshot(session, work);
    if (!snapshot) return failure(snapshot.error());
    Job job(*this, work);
    pg::Params params;
    std::string composed;
    pg::Connection::Statement statement{
        .sql = {}, .format = pg::Connection::Format::binary, .stream = true};
    if (work.part.table == Table::observations) {
        params.add(time_from_micros(work.part.range.from));
        params.add(time_from_micros(work.part.range.until));
        statement.sql = sql::text("queries/analytics/copy_observations.sql");
        statement.params = &params;
    } else {
        composed = select_dimension_sql(work.part.table);
        statement.sql = SqlText(composed, "analytics/copy");
    }
    stream::Expected<void> kept;
    const auto read = session.exec_pipeline(std::span(&statement, 1), [&](const pg::Rows& rows) {
        kept = job.add(rows);
        return kept.has_value() && !stopping_;
    });
    if (!kept) return kept;
    if (stopping_) return failure(Error{.message = "stopping"});
    if (!read) return failure(to_stream_error(read.error()));
    if (auto ended = session.exec("COMMIT"); !ended) return failure(to_stream_error(ended.error()));
    if (auto ended = job.end(*snapshot); !ended) return ended;
    plan_.settle(work, *snapshot);
    return {};
}

}  // namespace atlas::analytics
