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

}  // namespace

Analytics::Analytics(const std::string& conninfo, const std::filesystem::path& folder,
                     const ProcessContext& process)
    : source_(conninfo) {
    const auto options = store_options(folder, process.config);
    auto opened = analytics::duckdb::DuckStore::open(options, process.clock);
    if (!opened) {
        throw StartupError(fmt::format(
            "cannot open the analytics store {}: {}; end the process that has it, name another "
            "folder with analytics.folder, or set analytics.enabled = false",
            options.path.string(), opened.error().message));
    }
    store_ = std::move(*opened);
    copy_.emplace(conninfo, plan_, *store_, process.registry);
    loader_.emplace(*store_, source_, plan_, *copy_, process.registry, process.clock,
                    analytics::LoaderOptions{.request_rebuild = [this] {
                        if (stream_ != nullptr) stream_->rebuild(analytics::Loader::kName);
                    }});
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
}

void Analytics::stop() {
    loader_->stop();
    store_->stop();
}

StreamFollower Analytics::follower() {
    return {.subscriber = *loader_,
            .interrupt = [this] { loader_->interrupt(); },
            .describe = [this](http::StatusPart& part) { describe(part); }};
}

http::StatusPart Analytics::status() const {
    http::StatusPart part{.name = kAnalyticsRole, .state = "running"};
    if (const auto applied = loader_->applied()) part.position = applied->position.lsn;
    const auto follower =
        stream_ == nullptr ? std::nullopt : stream_->follower(analytics::Loader::kName);
    if (follower) part.lag_seconds = follower->lag_seconds;
    describe(part);
    if (follower && follower->failed) {
        part.state = "stopped";
        part.detail = follower->failed->message;
    }
    return part;
}

void Analytics::describe(http::StatusPart& part) const {
    const auto status = loader_->status();
    part.rate = status.points_per_second;
    part.rate_unit = "data_points";
    if (status.copy.parts > 0) {
        part.state = "copying";
        part.lag_seconds.reset();
        part.detail =
            fmt::format("initial copy {} of {} parts", status.copy.done, status.copy.parts);
    }
    if (!status.failure.empty()) part.detail = status.failure;
}

}  // namespace atlas::app
