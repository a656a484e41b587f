// SPDX-License-Identifier: Apache-2.0
#include "jobs/reconcile.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <string_view>

#include "assets/sql.h"
#include "pg/connection.h"

namespace atlas::jobs {
namespace {

// statement_timeout, or cancelled by stop(), after which the smaller batch does no harm.
constexpr std::string_view kQueryCanceled = "57014";

// Entities repaired in one transaction: writers of their shards wait for it.
constexpr std::size_t kRepairBatch = 100;

}  // namespace

Reconciler::Reconciler(std::int64_t entities_per_run, observe::Registry& registry,
                       ReconcileLimits limits)
    : entities_per_run_(entities_per_run),
      limits_(limits),
      batch_(limits.batch),
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
    for (std::size_t begin = 0; begin < batch.tenants.size(); begin += kRepairBatch) {
        const std::size_t count = std::min(kRepairBatch, batch.tenants.size() - begin);
        const auto tenants = std::span(batch.tenants).subspan(begin, count);
        const auto entities = std::span(batch.entities).subspan(begin, count);
        const auto repaired = connection.exec(sql::text("queries/jobs/repair_hot_state.sql"),
                                              pg::Params().add_int8s(tenants).add_int8s(entities));
        if (!repaired) return failure(repaired.error());
        repaired_.add(static_cast<std::uint64_t>(repaired->int8(0, 0)));
        for (const std::int64_t entity : entities) {
            diverged_.report(
                "the current state of entity {} differed from history and was repaired", entity);
        }
    }
    return {};
}

pg::Expected<Reconciler::Batch> Reconciler::next(pg::Connection& connection, std::int64_t size) {
    auto batch = check(connection, size);
    if (batch) {
        if (auto done = repair(connection, *batch); !done) {
            // A single entity with more history than can be searched does not keep the others
            // waiting.
            if (size == 1) after_ = batch->last;
            batch = failure(std::move(done.error()));
        }
    }
    if (!batch && batch.error().sqlstate == kQueryCanceled) {
        batch_ = std::max<std::int64_t>(size / 2, 1);
    }
    return batch;
}

pg::Expected<void> Reconciler::go_on(pg::Connection& connection) {
    std::int64_t left = entities_per_run_;
    while (left > 0) {
        const std::int64_t size = std::min(left, batch_);
        const auto batch = next(connection, size);
        if (!batch) return failure(batch.error());
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

pg::Expected<void> Reconciler::run(pg::Connection& connection) {
    const std::string bound = fmt::format("{}ms", limits_.statement_timeout.count());
    const auto begun =
        connection.exec(sql::text("queries/jobs/begin_reconcile.sql"), pg::Params().add(bound));
    if (!begun) return failure(begun.error());
    auto done = go_on(connection);
    if (done) batch_ = std::min(2 * batch_, limits_.batch);
    if (const auto ended = connection.exec(sql::text("queries/jobs/end_reconcile.sql"));
        done && !ended) {
        return failure(ended.error());
    }
    return done;
}

Job Reconciler::job(std::chrono::milliseconds interval) {
    return {.name = "reconcile",
            .interval = interval,
            .leader_only = true,
            .run = [this](pg::Connection& connection) { return run(connection); }};
}

}  // namespace atlas::jobs
