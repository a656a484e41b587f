// SPDX-License-Identifier: Apache-2.0
#include "app/analytics.h"

#include <fmt/format.h>

#include "base/startup_error.h"

namespace atlas::app {
namespace {

analytics::duckdb::StoreOptions store_options(const std::filesystem::path& folder,
                                              const config::Config& config) {
    analytics::duckdb::StoreOptions options;
    if (!folder.empty()) options.path = folder / "atlas.duckdb";  // else in memory, for tests
    options.database.memory_bytes = static_cast<std::uint64_t>(config.analytics_memory_mb()) << 20U;
    options.database.threads = static_cast<unsigned>(config.analytics_threads());
    return options;
}

// Empty: the store is complete.
std::string copying(const analytics::Loader::Status& status) {
    if (status.comparing) return "compared with the database, after a promotion";
    if (status.copy.parts == 0) return {};
    return fmt::format("initial copy {} of {} parts", status.copy.done, status.copy.parts);
}

}  // namespace

Analytics::Analytics(const std::string& conninfo, const std::filesystem::path& folder,
                     const ProcessContext& process)
    : source_(conninfo) {
    store_ = analytics::duckdb::DuckStore::open_later(store_options(folder, process.config),
                                                      process.clock);
    copy_.emplace(conninfo, plan_, *store_, process.registry);
    loader_.emplace(*store_, source_, plan_, *copy_, process.registry, process.clock,
                    analytics::LoaderOptions{.request_rebuild = [this] {
                        if (stream_ != nullptr) stream_->rebuild(analytics::Loader::kName);
                    }});
    reconciler_.emplace(
        conninfo, *store_, *loader_, process.registry, process.clock,
        analytics::ReconcilerOptions{.interval = process.config.analytics_reconcile(),
                                     .older_days = process.config.analytics_reconcile_days(),
                                     .small_rows = process.config.reconcile_entities()});
}

Analytics::~Analytics() = default;

void Analytics::start() {
    const auto opened = loader_->open();
    if (!opened && opened.error().kind == analytics::StoreError::Kind::damaged) {
        observe::log_error("analytics: {}; the store starts over from the database",
                           opened.error().message);
        const auto cleared = store_->clear();
        if (!cleared) throw StartupError(cleared.error().message);
        const auto again = loader_->open();
        if (!again) throw StartupError(again.error().message);
    } else if (!opened) {
        throw StartupError(opened.error().message);
    }
    store_->start();
    reconciler_->start();
}

void Analytics::stop() {
    loader_->stop();  // ends a repair that waits
    reconciler_->stop();
    store_->stop();
}

StreamFollower Analytics::follower() {
    return {.subscriber = *loader_,
            .interrupt = [this] { loader_->interrupt(); },
            .incomplete = [this] { return copying(loader_->status()); },
            .failing = [this] { return loader_->status().failure; },
            .points_per_second = [this] { return loader_->status().points_per_second; }};
}

http::StatusPart Analytics::status() const {
    http::StatusPart part{.name = kAnalyticsRole, .state = "running"};
    const auto status = loader_->status();
    part.rate = status.points_per_second;
    part.rate_unit = "data_points";
    if (const auto applied = loader_->applied()) part.position = applied->position.lsn;
    const auto follower =
        stream_ == nullptr ? std::nullopt : stream_->follower(analytics::Loader::kName);
    if (follower) part.lag_seconds = follower->lag_seconds;
    if (const std::string why = copying(status); !why.empty()) {
        part.state = "copying";
        part.lag_seconds.reset();
        part.detail = why;
    }
    const auto found = reconciler_->found();
    if (part.detail.empty() && found.total() > 0) {
        part.detail = fmt::format(
            "compared with history, the store lacked {}, had {} otherwise and {} too many since "
            "the start of this process; atlas check --deep tells more",
            found.missing, found.changed, found.extra);
    }
    if (!status.failure.empty()) {
        part.state = kFailing;
        part.detail = status.failure;
    }
    if (follower && follower->failed) {
        part.state = "stopped";
        part.detail = follower->failed->message;
    }
    return part;
}

http::CheckStart Analytics::check(const http::StoreCheck& check) {
    if (stands_by()) return http::CheckStart::no_store;
    if (!loader_->filled()) return http::CheckStart::filling;
    analytics::Check wanted{.range = {}, .repair = check.repair};
    if (check.from || check.until) {
        wanted.range =
            analytics::TimeRange{.from = check.from ? to_micros(*check.from) : INT64_MIN,
                                 .until = check.until ? to_micros(*check.until) : INT64_MAX};
    }
    return reconciler_->check(wanted) ? http::CheckStart::begun : http::CheckStart::running;
}

std::optional<http::StoreReport> Analytics::checked() const {
    if (stands_by()) return std::nullopt;
    const auto report = reconciler_->report();
    const auto compared = [](std::uint64_t count, const analytics::Differences& differences) {
        return http::StoreReport::Compared{.compared = count,
                                           .missing = differences.missing,
                                           .changed = differences.changed,
                                           .extra = differences.extra};
    };
    http::StoreReport shown{.state = std::string(to_string(report.state)),
                            .repair = report.check.repair,
                            .days = report.days,
                            .days_done = report.days_done,
                            .points = compared(report.points, report.differing_points),
                            .rows = compared(report.rows, report.differing_rows),
                            .repaired = report.repaired,
                            .undecided = report.undecided,
                            .detail = report.failure};
    if (report.began != Time{}) shown.began = report.began;
    if (report.ended != Time{}) shown.ended = report.ended;
    return shown;
}

}  // namespace atlas::app
