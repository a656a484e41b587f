// SPDX-License-Identifier: Apache-2.0
//
// The role `analytics`: the analytics store of this process, and the loader that fills it from the
// log.
//
//     up, serve → [Analytics] → DuckStore ◄─ Loader, InitialCopy ◄─ ChangeStream
//                                   └─ Reconciler: compared with history, and repaired
//
// Lifetime   as Service; starts before the stream and stops after it. The process context outlives
//            it.
// Threading  as Service.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "analytics/duckdb/duck_store.h"
#include "analytics/initial_copy.h"
#include "analytics/initial_copy_plan.h"
#include "analytics/loader.h"
#include "analytics/loader_source.h"
#include "analytics/reconciler.h"
#include "app/change_stream.h"
#include "app/service.h"
#include "app/services.h"

namespace atlas::app {

class Analytics final : public Service {
public:
    // The store is in `folder`. One that cannot be opened, because another process has it or the
    // disk is full, is tried again until it can.
    Analytics(const std::string& conninfo, const std::filesystem::path& folder,
              const ProcessContext& process);
    ~Analytics() override;

    void start() override;
    void stop() override;
    http::StatusPart status() const override;
    http::CheckStart check(const http::StoreCheck& check) override;
    std::optional<http::StoreReport> checked() const override;

    StreamFollower follower();
    // Whose follower this is; before start(). The stream outlives start() to stop().
    void follow(ChangeStream& stream) { stream_ = &stream; }
    // Where the process is found over HTTP; after follow().
    void move_to(std::string url) { stream_->move_to(std::move(url)); }
    // Whether nothing fills the store because another process's is filled; after follow().
    bool stands_by() const { return stream_->stands_by(); }
    // How old what the store holds is; after follow().
    std::unique_ptr<route::Lag> lag() const { return stream_->lag_of(analytics::Loader::kName); }
    analytics::duckdb::DuckStore& store() { return *store_; }
    // Whether the store holds the whole database.
    bool filled() const { return loader_->filled(); }

private:
    std::unique_ptr<analytics::duckdb::DuckStore> store_;
    analytics::InitialCopyPlan plan_;
    std::optional<analytics::InitialCopy> copy_;
    analytics::DatabaseSource source_;
    std::optional<analytics::Loader> loader_;
    std::optional<analytics::Reconciler> reconciler_;
    ChangeStream* stream_ = nullptr;
};

}  // namespace atlas::app
