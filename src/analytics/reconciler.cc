// SPDX-License-Identifier: Apache-2.0
#include "analytics/reconciler.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/time.h"

namespace atlas::analytics {
namespace {

using std::chrono::milliseconds;
using stream::Error;
using stream::Table;

constexpr milliseconds kRepairPatience{30'000};
constexpr int kRepairAttempts = 3;     // a session of the stream may end meanwhile
constexpr std::size_t kMaxRows = 200;  // of small tables, looked up by key in one repair
constexpr std::size_t kMaxRanges = 64;
constexpr std::int64_t kHourMicros = std::int64_t{3'600} * 1'000'000;
constexpr int kShareOfInterval = 10;  // what a run may take of it for data points
// How soon a promotion is noticed.
constexpr Clock::Steady::duration kLookForPromotion = std::chrono::seconds{1};
// 0001-01-01 to 10000-01-01: what an observation may have, and more.
constexpr TimeRange kAllTimes{.from = -62'135'596'800'000'000, .until = 253'402'300'800'000'000};

std::string day_text(const TimeRange& day) {
    return format_rfc3339(time_from_micros(day.from)).substr(0, 10);
}

std::string to_text(const Differences& differences) {
    return fmt::format("{} missing, {} changed, {} too many", differences.missing,
                       differences.changed, differences.extra);
}

Comparison::Applied position_of(const Loader& loader) {
    return [&loader]() -> std::optional<Lsn> {
        const auto applied = loader.applied();
        return applied ? std::optional(applied->position.lsn) : std::nullopt;
    };
}

}  // namespace

std::string_view to_string(CheckReport::State state) {
    switch (state) {
        case CheckReport::State::none: return "none";
        case CheckReport::State::running: return "running";
        case CheckReport::State::done: return "done";
        case CheckReport::State::failed: break;
    }
    return "failed";
}

Reconciler::Reconciler(std::string conninfo, AnalyticsStore& store, Loader& loader,
                       observe::Registry& registry, const Clock& clock, ReconcilerOptions options)
    : loader_(loader),
      clock_(clock),
      options_(options),
      comparison_(conninfo, store, position_of(loader), options.comparison),
      compared_points_(registry, "atlas_analytics_compared_points_total",
                       "Data points of history that were compared with the analytics store."),
      compared_rows_(registry, "atlas_analytics_compared_rows_total",
                     "Rows of current state, entities, attributes and tenants that were compared "
                     "with the analytics store."),
      diverged_points_(registry, "atlas_analytics_diverged_points_total",
                       "Data points that the analytics store held otherwise than history."),
      diverged_rows_(registry, "atlas_analytics_diverged_rows_total",
                     "Rows of current state, entities, attributes and tenants that the analytics "
                     "store held otherwise than the database."),
      repaired_(registry, "atlas_analytics_repaired_total",
                "Data points and rows that differed and were repaired."),
      failures_(registry, "atlas_analytics_compare_failures_total",
                "Comparisons of the analytics store with history that could not end.",
                observe::Level::warning) {
}

Reconciler::~Reconciler() {
    stop();
}

void Reconciler::start() {
    stop();
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

void Reconciler::stop() {
    if (!thread_.joinable()) return;
    thread_.request_stop();
    thread_.join();
}

bool Reconciler::check(const Check& check) {
    const std::scoped_lock lock(mutex_);
    if (report_.state == CheckReport::State::running) return false;
    wanted_ = check;
    report_ = {.state = CheckReport::State::running, .check = check, .began = clock_.system()};
    wake_.notify_all();
    return true;
}

CheckReport Reconciler::report() const {
    const std::scoped_lock lock(mutex_);
    return report_;
}

Differences Reconciler::found() const {
    const std::scoped_lock lock(mutex_);
    return found_;
}

void Reconciler::publish(const CheckReport& report) {
    const std::scoped_lock lock(mutex_);
    if (asked_) report_ = report;
}

void Reconciler::run(const std::stop_token& stop) {
    auto due = clock_.steady() + options_.interval;
    while (!stop.stop_requested()) {
        std::optional<Check> wanted;
        {
            std::unique_lock lock(mutex_);
            const auto rest =
                std::clamp(due - clock_.steady(), Clock::Steady::duration{0}, kLookForPromotion);
            wake_.wait_for(lock, stop, rest, [this] { return wanted_.has_value(); });
            wanted = std::exchange(wanted_, std::nullopt);
            asked_ = wanted.has_value();
        }
        if (stop.stop_requested()) return;
        if (wanted) {
            publish(run_check(*wanted, stop));
        } else if (loader_.take_promotion() || loader_.wants_comparison() || comparing_all_) {
            compare_all(stop);
            // One that could not end is tried again, though not at once.
            due = std::max(due, clock_.steady() + kLookForPromotion);
        } else if (clock_.steady() >= due) {
            run_interval(stop);
            due = clock_.steady() + options_.interval;
        }
    }
}

CheckReport Reconciler::run_check(const Check& check, const std::stop_token& stop) {
    CheckReport report{
        .state = CheckReport::State::running, .check = check, .began = clock_.system()};
    const auto compare = [&]() -> stream::Expected<void> {
        if (!loader_.filled() && !loader_.wants_comparison()) {
            return failure(Error{.message = "the analytics store is being filled"});
        }
        const auto days = comparison_.days();
        if (!days) return failure(days.error());
        std::vector<TimeRange> wanted;
        for (TimeRange day : *days) {
            if (check.range) {
                day.from = std::max(day.from, check.range->from);
                day.until = std::min(day.until, check.range->until);
            }
            if (day.from < day.until) wanted.push_back(day);
        }
        report.days = wanted.size();
        if (!check.range) {
            auto done = compare_tables(std::nullopt, check.repair, report, stop);
            if (!done) return done;
        }
        for (const TimeRange& day : wanted) {
            if (auto done = compare_day(day, check.repair, report, stop); !done) return done;
            ++report.days_done;
            publish(report);
        }
        return {};
    };
    const auto done = compare();
    report.state = done ? CheckReport::State::done : CheckReport::State::failed;
    if (!done) report.failure = done.error().message;
    report.ended = clock_.system();
    return report;
}

// After a promotion. Where the log does not lead from what the store holds to the database, the
// store is complete with the end of this; else nothing should differ. Rows that stayed undecided
// have changed meanwhile: the log brings them whole.
void Reconciler::compare_all(const std::stop_token& stop) {
    const bool whole = loader_.wants_comparison();
    if (!std::exchange(comparing_all_, true)) {
        observe::log_info(
            "analytics: the server was promoted; the store is compared with all of it");
    }
    CheckReport report = run_check({}, stop);
    const auto end = [&]() -> stream::Expected<void> {
        if (report.state != CheckReport::State::done) {
            return failure(Error{.message = report.failure});
        }
        if (!whole) return {};
        const auto days = comparison_.days();
        if (!days) return failure(days.error());
        if (auto done = clear_other_days(*days, report, stop); !done) return done;
        return repair({.ends_comparison = true}, 0, report, stop);
    };
    const auto done = end();
    comparing_all_ = !done;
    if (!done && !stop.stop_requested()) {
        failures_.report("analytics: a comparison with history could not end: {}",
                         done.error().message);
    }
}

// Points of days for which the database has no partition: those were lost with it.
stream::Expected<void> Reconciler::clear_other_days(const std::vector<TimeRange>& days,
                                                    CheckReport& report,
                                                    const std::stop_token& stop) {
    Repair what;
    std::int64_t from = kAllTimes.from;
    for (const TimeRange& day : days) {
        if (day.from > from) what.ranges.push_back({.from = from, .until = day.from});
        from = std::max(from, day.until);
    }
    if (from < kAllTimes.until) what.ranges.push_back({.from = from, .until = kAllTimes.until});
    return repair(std::move(what), 0, report, stop);
}

// Yesterday, then the next of the older days, from the newest to the oldest and again, by the hour.
stream::Expected<void> Reconciler::plan_interval() {
    const auto days = comparison_.days();
    if (!days) return failure(days.error());
    const std::int64_t today = to_micros(std::chrono::floor<std::chrono::days>(clock_.system()));
    std::int64_t older = options_.older_days;
    for (auto day = days->rbegin(); day != days->rend(); ++day) {
        if (day->until > today) continue;
        const bool yesterday = day->until == today;
        const bool had_its_turn = older_before_ != 0 && day->from >= older_before_;
        if (!yesterday && (older == 0 || had_its_turn)) continue;
        for (std::int64_t from = day->from; from < day->until; from += kHourMicros) {
            planned_.push_back({.from = from, .until = std::min(from + kHourMicros, day->until)});
        }
        if (yesterday) continue;
        --older;
        older_before_ = day->from;
    }
    if (older > 0) older_before_ = 0;  // the next run begins again
    return {};
}

// What a run has no time for is left to the next one.
void Reconciler::run_interval(const std::stop_token& stop) {
    if (!loader_.filled()) return;
    CheckReport report;
    const auto until = clock_.steady() + options_.interval / kShareOfInterval;
    const auto compare = [&]() -> stream::Expected<void> {
        if (planned_.empty()) {
            if (auto done = plan_interval(); !done) return done;
        }
        do {
            if (planned_.empty()) break;
            if (auto done = compare_day(planned_.front(), true, report, stop); !done) return done;
            planned_.pop_front();
        } while (clock_.steady() < until);
        return compare_tables(options_.small_rows, true, report, stop);
    };
    const auto done = compare();
    if (!done && !stop.stop_requested()) {
        failures_.report("analytics: a comparison with history could not end: {}",
                         done.error().message);
    }
}

stream::Expected<void> Reconciler::compare_day(const TimeRange& day, bool repair_them,
                                               CheckReport& report, const std::stop_token& stop) {
    const auto compared = comparison_.points(day, stop);
    if (!compared) return failure(compared.error());
    const Differences differences = compared->differences();
    report.points += compared->points;
    report.undecided += compared->undecided;
    report.differing_points.add(differences);
    compared_points_.add(compared->points);
    if (differences.total() == 0) return {};
    diverged_points_.add(differences.total());
    {
        const std::scoped_lock lock(mutex_);
        found_.add(differences);
    }
    const auto& [group, of_group] = *std::ranges::max_element(
        compared->groups, {}, [](const auto& one) { return one.second.total(); });
    observe::log_error(
        "analytics: data points of {} in the store differ from history: {}; most of tenant {}, "
        "attribute {}: {}",
        day_text(day), to_text(differences), group.first, group.second, to_text(of_group));
    publish(report);
    if (!repair_them) return {};
    Repair what;
    std::size_t points = 0;
    for (const auto& part : compared->parts) {
        if (!what.ranges.empty() && (points + part.points > options_.comparison.max_points ||
                                     what.ranges.size() == kMaxRanges)) {
            if (auto done = repair(std::exchange(what, {}), 0, report, stop); !done) return done;
            points = 0;
        }
        what.ranges.push_back(part.range);
        points += part.points;
    }
    return repair(std::move(what), differences.total(), report, stop);
}

stream::Expected<void> Reconciler::repair(Repair what, std::uint64_t count, CheckReport& report,
                                          const std::stop_token& stop) {
    stream::Expected<void> done;
    for (int attempt = 0; attempt < kRepairAttempts && !stop.stop_requested(); ++attempt) {
        done = loader_.repair(what, kRepairPatience);
        if (done) break;
    }
    if (stop.stop_requested() && !done) return failure(Error{.message = "stopping"});
    if (!done) return done;
    repaired_.add(count);
    report.repaired += count;
    publish(report);
    return {};
}

stream::Expected<void> Reconciler::compare_tables(std::optional<std::int64_t> limit,
                                                  bool repair_them, CheckReport& report,
                                                  const std::stop_token& stop) {
    for (const Table table : {Table::tenants, Table::attributes, Table::tenant_attributes}) {
        std::optional<KeyRange::Key> after;
        auto done = compare_table(table, after, std::nullopt, repair_them, report, stop);
        if (!done) return done;
    }
    std::optional<KeyRange::Key> from_first;
    auto& entities = limit ? entities_after_ : from_first;
    if (auto done = compare_table(Table::entities, entities, limit, repair_them, report, stop);
        !done) {
        return done;
    }
    from_first.reset();
    auto& states = limit ? states_after_ : from_first;
    return compare_table(Table::entity_jsonb, states, limit, repair_them, report, stop);
}

// From `after` on, to the end or for about `limit` rows.
stream::Expected<void> Reconciler::compare_table(Table table, std::optional<KeyRange::Key>& after,
                                                 std::optional<std::int64_t> limit,
                                                 bool repair_them, CheckReport& report,
                                                 const std::stop_token& stop) {
    std::int64_t left = limit.value_or(INT64_MAX);
    do {
        const auto compared = comparison_.rows(table, after, stop);
        if (!compared) return failure(compared.error());
        after = compared->next;
        left -= static_cast<std::int64_t>(compared->rows);
        report.rows += compared->rows;
        report.undecided += compared->undecided;
        report.differing_rows.add(compared->differences);
        compared_rows_.add(compared->rows);
        publish(report);
        if (compared->differing.empty()) continue;
        diverged_rows_.add(compared->differing.size());
        {
            const std::scoped_lock lock(mutex_);
            found_.add(compared->differences);
        }
        observe::log_error("analytics: rows of {} in the store differ from the database: {}",
                           to_string(CopyPart{.table = table, .range = {}}),
                           to_text(compared->differences));
        for (std::size_t i = 0; repair_them && i < compared->differing.size(); i += kMaxRows) {
            const std::size_t end = std::min(i + kMaxRows, compared->differing.size());
            const auto begin = compared->differing.begin();
            const Repair what{.ranges = {},
                              .rows = {begin + static_cast<std::ptrdiff_t>(i),
                                       begin + static_cast<std::ptrdiff_t>(end)}};
            if (auto done = repair(what, end - i, report, stop); !done) return done;
        }
    } while (after && left > 0);
    return {};
}

}  // namespace atlas::analytics
