// SPDX-License-Identifier: Apache-2.0
#include "ingest/resolve/entity_resolver.h"

#include <algorithm>

#include "assets/sql.h"
#include "pg/transaction.h"

namespace atlas::ingest {
namespace {

constexpr std::string_view kDefaultType = "entity";

}  // namespace

pg::Expected<void> EntityResolver::resolve(pg::Connection& connection, Job& job, std::int64_t epoch,
                                           std::vector<Row>& rows) {
    look_up_cached(job, epoch, rows);
    if (!unknown_.empty()) {
        const TenantId tenant = job.request.tenant;
        auto done = look_up(connection, tenant);
        if (done && std::ranges::find(found_, EntityId{}) != found_.end()) {
            done = register_missing(connection, tenant);
            if (done) done = look_up(connection, tenant);
        }
        if (!done) return done;
        for (std::size_t i = 0; i < unknown_.size(); ++i) {
            if (found_[i].value == 0) continue;
            directory_.insert(tenant, epoch, unknown_[i].external_id, found_[i]);
        }
    }
    for (Row& row : rows) {
        if (row.entity.value == 0) {
            const Observation& item = job.batch.observations()[row.observation];
            const auto at = std::ranges::lower_bound(unknown_, job.batch.text(item.entity), {},
                                                     &Unknown::external_id);
            row.entity = found_[static_cast<std::size_t>(at - unknown_.begin())];
        }
        if (row.entity.value != 0) continue;
        job.outcome.refuse_item(row.observation, ItemCode::entity_limit,
                                "the tenant's entity limit is reached; retire some or raise "
                                "tenants.max_entities");
    }
    std::erase_if(rows, [](const Row& row) { return row.entity.value == 0; });
    return {};
}

void EntityResolver::look_up_cached(const Job& job, std::int64_t epoch, std::span<Row> rows) {
    unknown_.clear();
    for (Row& row : rows) {
        const Observation& item = job.batch.observations()[row.observation];
        const std::string_view external_id = job.batch.text(item.entity);
        row.entity = directory_.find(job.request.tenant, epoch, external_id).value_or(EntityId{});
        if (row.entity.value != 0) continue;
        const std::string_view type = job.batch.text(item.type);
        unknown_.push_back({external_id, type.empty() ? kDefaultType : type, row.observation});
    }
    // The first of several items about one entity names its type.
    std::ranges::sort(unknown_, {}, [](const Unknown& unknown) {
        return std::pair(unknown.external_id, unknown.observation);
    });
    const auto repeated = std::ranges::unique(unknown_, {}, &Unknown::external_id);
    unknown_.erase(repeated.begin(), repeated.end());
    found_.assign(unknown_.size(), EntityId{});
}

pg::Expected<void> EntityResolver::look_up(pg::Connection& connection, TenantId tenant) {
    static const SqlText kSql = sql::text("queries/ingest/find_entities.sql");
    const auto rows =
        connection.exec(kSql, pg::Params{}.add(tenant.value).add_texts(missing_ids()));
    if (!rows) return failure(rows.error());
    for (int i = 0; i < rows->size(); ++i) {
        const auto at =
            std::ranges::lower_bound(unknown_, rows->text(i, 0), {}, &Unknown::external_id);
        found_[static_cast<std::size_t>(at - unknown_.begin())] = EntityId{rows->int8(i, 1)};
    }
    return {};
}

std::vector<std::string_view> EntityResolver::missing_ids() const {
    std::vector<std::string_view> ids;
    for (std::size_t i = 0; i < unknown_.size(); ++i) {
        if (found_[i].value == 0) ids.push_back(unknown_[i].external_id);
    }
    return ids;
}

pg::Expected<void> EntityResolver::register_missing(pg::Connection& connection, TenantId tenant) {
    static const SqlText kSql = sql::text("queries/ingest/add_entities.sql");
    static const SqlText kLimitSql = sql::text("queries/ingest/read_entity_limit.sql");
    static const SqlText kLockSql = sql::text("queries/tenants/lock.sql");
    const auto limit = connection.exec(kLimitSql, pg::Params{}.add(tenant.value));
    if (!limit) return failure(limit.error());
    const bool limited = !limit->empty() && !limit->is_null(0, 0);

    std::vector<std::string_view> types;
    for (std::size_t i = 0; i < unknown_.size(); ++i) {
        if (found_[i].value == 0) types.push_back(unknown_[i].type);
    }
    const pg::Params params =
        pg::Params{}.add(tenant.value).add_texts(missing_ids()).add_texts(types);
    if (!limited) {
        const auto added = connection.exec(kSql, params);
        if (!added) return failure(added.error());
        return {};
    }
    // Limits are checked under the lock of the tenant's row: two gateways cannot both use what is
    // left.
    auto transaction = pg::Transaction::begin(connection);
    if (!transaction) return failure(transaction.error());
    auto step = connection.exec(kLockSql, pg::Params{}.add(tenant.value));
    if (step) step = connection.exec(kSql, params);
    if (!step) return failure(step.error());
    return transaction->commit();
}

}  // namespace atlas::ingest
