// SPDX-License-Identifier: Apache-2.0
#include "bench/follower.h"

#include <sys/resource.h>

#include <chrono>
#include <stdexcept>

namespace atlas::bench {
namespace {

// Less than the default, which leaves room for large questions.
constexpr std::uint64_t kStoreMemory = std::uint64_t{256} << 20U;

}  // namespace

struct Follower::Parts {
    Parts(const std::string& conninfo, analytics::AnalyticsStore& store, const Clock& clock)
        : copy(conninfo, plan, store, registry),
          source(conninfo),
          primary(conninfo, clock),
          lease({.conninfo = conninfo, .role = "analytics", .address = "bench", .durable = true},
                registry, clock),
          loader(store, source, plan, copy, registry, clock),
          reader({.conninfo = conninfo}, {&loader}, lease, primary, registry, clock) {}

    observe::Registry registry;
    analytics::InitialCopyPlan plan;
    analytics::InitialCopy copy;
    analytics::DatabaseSource source;
    stream::PrimaryClock primary;
    stream::SlotLease lease;
    analytics::Loader loader;
    stream::StreamReader reader;
};

Follower::Follower(const Server& server, const Settings& settings, const FollowerOptions& options)
    : conninfo_(server.conninfo()),
      own_folder_(options.folder.empty()),
      folder_(own_folder_ ? make_folder(settings.data_dir) : options.folder) {
    analytics::duckdb::StoreOptions store;
    store.path = folder_ / "atlas.duckdb";
    store.database.memory_bytes = kStoreMemory;
    store.min_settled_points = options.min_settled_points;
    auto opened = analytics::duckdb::DuckStore::open(store, store_clock_);
    if (!opened) throw std::runtime_error(opened.error().message);
    store_ = std::move(*opened);
    store_->start();
}

Follower::~Follower() {
    stop();
    store_->stop();
    store_.reset();
    std::error_code ignored;
    if (own_folder_) std::filesystem::remove_all(folder_, ignored);
}

void Follower::start() {
    parts_ = std::make_unique<Parts>(conninfo_, *store_, clock_);
    const auto opened = parts_->loader.open();
    if (!opened) throw std::runtime_error(opened.error().message);
    parts_->primary.start();
    parts_->lease.start();
    parts_->reader.start();
}

void Follower::stop() {
    if (!parts_) return;
    parts_->loader.interrupt();
    parts_->reader.stop();
    parts_->loader.stop();
    parts_->lease.stop();
    parts_->primary.stop();
    parts_.reset();
}

void Follower::await_copy() const {
    await_that("the initial copy is complete", 600, std::chrono::milliseconds{10},
               [this] { return parts_->plan.complete(); });
}

void Follower::await(Lsn lsn, double seconds) const {
    await_that("the follower has caught up", seconds, std::chrono::milliseconds{5}, [this, lsn] {
        const auto applied = parts_->loader.applied();
        return applied && applied->position.lsn >= lsn;
    });
}

void Follower::compact(std::chrono::seconds ahead) {
    store_clock_.go_ahead(ahead);
    auto done = store_->compact().and_then([this] { return store_->checkpoint(); });
    if (!done) throw std::runtime_error(done.error().message);
}

std::optional<double> Follower::lag_seconds() const {
    const auto status = parts_->reader.status();
    return status.followers.empty() ? std::nullopt : status.followers.front().lag_seconds;
}

double own_cpu_seconds() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace atlas::bench
