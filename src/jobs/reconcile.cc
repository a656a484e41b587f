// SPDX-License-Identifier: Apache-2.0
#include "jobs/reconcile.h"

#include <algorithm>

#include "assets/sql.h"
#include "pg/connection.h"

namespace atlas::jobs {
namespace {

constexpr std::int64_t kBatch = 500;

}  // namespace

Reconciler::Reconciler(std::int64_t entities_per_run, observe::Registry& registry)
    : entities_per_run_(entities_per_run),
      checked_(registry, "atlas_reconcile_entities_total",
               "Entities whose current state was compared with history."),
      repaired_(registry, "atlas_reconcile_mended_total",
                "Values of the current state that differed from history and were repaired."),
      diverged_(registry, "atlas_reconcile_diverged_entities_total",
                "Entities whose current state differed from history.", observe::Level::error) {
}

pg::Expected<Reconciler::Batch> Reconciler::check(pg::Connection& connection, std::int64_t size) {
    const auto rows = connection.exec(sql::text("queries/jobs/check_hot_state.sql"),
                                      pg::Params().add(after_.tenant).add(after_.entity).add(size));
    if (!rows) return failure(rows.error());
    Batch batch;
    batch.checked = rows->size();
    for (int row = 0; row < rows->size(); ++row) {
        const Key key{.tenant = rows->int8(row, 0), .entity = rows->int8(row, 1)};
        batch.last = std::max(batch.last, key);
        if (!rows->boolean(row, 2)) continue;
        batch.tenants.push_back(key.tenant);
        batch.entities.push_back(key.entity);
    }
    return batch;
}

pg::Expected<void> Reconciler::repair(pg::Connection& connection, const Batch& batch) {
    if (batch.tenants.empty()) return {};
    const auto repaired =
        connection.exec(sql::text("queries/jobs/repair_hot_state.sql"),
                        pg::Params().add_int8s(batch.tenants).add_int8s(batch.entities));
    if (!repaired) return failure(repaired.error());
    repaired_.add(static_cast<std::uint64_t>(repaired->int8(0, 0)));
    for (const std::int64_t entity : batch.entities) {
        diverged_.report("the current state of entity {} differed from history and was repaired",
                         entity);
    }
    return {};
}

pg::Expected<void> Reconciler::run(pg::Connection& connection) {
    std::int64_t left = entities_per_run_;
    while (left > 0) {
        const std::int64_t size = std::min(left, kBatch);
        const auto batch = check(connection, size);
        if (!batch) return failure(batch.error());
        if (auto done = repair(connection, *batch); !done) return done;
        checked_.add(static_cast<std::uint64_t>(batch->checked));
        left -= batch->checked;
        after_ = batch->last;
        if (batch->checked < size) {
            after_ = {};
            break;
        }
    }
    return {};
}

Job Reconciler::job(std::chrono::milliseconds interval) {
    return {.name = "reconcile",
            .interval = interval,
            .leader_only = true,
            .run = [this](pg::Connection& connection) { return run(connection); }};
}

}  // namespace atlas::jobs
