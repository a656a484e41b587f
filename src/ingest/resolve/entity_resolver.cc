// SPDX-License-Identifier: Apache-2.0
#include "ingest/resolve/entity_resolver.h"

#include <algorithm>

#include "assets/sql.h"
#include "base/prefetch.h"
#include "pg/prepared.h"

namespace atlas::ingest {
namespace {

constexpr std::string_view kDefaultType = "entity";

// After so many lookups that found nothing, entities are registered without one. Where that fails,
// because some exist, its work is lost: at most once in so many requests.
constexpr int kVainLookups = 4;
constexpr int kRequestsPerFailure = 100;

}  // namespace

pg::Expected<void> EntityResolver::resolve(pg::Connection& connection, Job& job, std::int64_t epoch,
                                           std::vector<Row>& rows) {
    look_up_cached(job, epoch, rows);
    if (!unknown_.empty()) {
        const TenantId tenant = job.request.tenant;
        const auto done = find_or_register(connection, tenant);
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
            row.fresh = at->registered;
        }
        if (row.entity.value != 0) continue;
        job.outcome.refuse_item(row.observation, ItemCode::entity_limit,
                                "the tenant's entity limit is reached; retire some or raise "
                                "tenants.max_entities");
    }
    std::erase_if(rows, [](const Row& row) { return row.entity.value == 0; });
    return {};
}

pg::Expected<void> EntityResolver::find_or_register(pg::Connection& connection, TenantId tenant) {
    if (vain_lookups_ >= kVainLookups) {
        const auto registered = register_all(connection, tenant);
        if (!registered) return failure(registered.error());
        if (*registered) return {};
        vain_lookups_ = -kRequestsPerFailure;
    }
    auto done = look_up(connection, tenant);
    if (!done) return done;
    const bool vain = std::ranges::all_of(found_, [](EntityId id) { return id.value == 0; });
    vain_lookups_ = vain || vain_lookups_ < 0 ? vain_lookups_ + 1 : 0;
    if (!misses_some()) return {};
    done = register_missing(connection, tenant);
    // Another gateway was faster, or the tenant is at its limit.
    if (done && misses_some()) done = look_up(connection, tenant);
    return done;
}

// False: nothing is registered.
pg::Expected<bool> EntityResolver::register_all(pg::Connection& connection, TenantId tenant) {
    std::vector<NewEntity> all;
    all.reserve(unknown_.size());
    for (const Unknown& unknown : unknown_) all.push_back({unknown.external_id, unknown.type});
    auto ids = registrar_.add_all(connection, tenant, all);
    if (!ids) return failure(ids.error());
    if (!*ids) return false;
    found_ = std::move(**ids);
    for (Unknown& unknown : unknown_) unknown.registered = true;
    return true;
}

void EntityResolver::look_up_cached(const Job& job, std::int64_t epoch, std::span<Row> rows) {
    unknown_.clear();
    hashes_.clear();
    const TenantId tenant = job.request.tenant;
    const auto prefetch = [&](const Row& row) {
        const Observation& item = job.batch.observations()[row.observation];
        hashes_.push_back(directory_.prefetch(tenant, job.batch.text(item.entity)));
    };
    for (const Row& row : rows.first(std::min(rows.size(), kPrefetchAhead))) prefetch(row);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (i + kPrefetchAhead < rows.size()) prefetch(rows[i + kPrefetchAhead]);
        Row& row = rows[i];
        const Observation& item = job.batch.observations()[row.observation];
        const std::string_view external_id = job.batch.text(item.entity);
        row.entity = directory_.find(tenant, epoch, external_id, hashes_[i]).value_or(EntityId{});
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
    const auto rows = pg::exec_prepared(connection, kSql,
                                        pg::Params{}.add(tenant.value).add_texts(missing_ids()));
    if (!rows) return failure(rows.error());
    for (int i = 0; i < rows->size(); ++i) {
        const auto at =
            std::ranges::lower_bound(unknown_, rows->text(i, 0), {}, &Unknown::external_id);
        found_[static_cast<std::size_t>(at - unknown_.begin())] = EntityId{rows->int8(i, 1)};
    }
    return {};
}

bool EntityResolver::misses_some() const {
    return std::ranges::find(found_, EntityId{}) != found_.end();
}

std::vector<std::string_view> EntityResolver::missing_ids() const {
    std::vector<std::string_view> ids;
    for (std::size_t i = 0; i < unknown_.size(); ++i) {
        if (found_[i].value == 0) ids.push_back(unknown_[i].external_id);
    }
    return ids;
}

pg::Expected<void> EntityResolver::register_missing(pg::Connection& connection, TenantId tenant) {
    std::vector<NewEntity> missing;
    for (std::size_t i = 0; i < unknown_.size(); ++i) {
        if (found_[i].value == 0) missing.push_back({unknown_[i].external_id, unknown_[i].type});
    }
    const auto ids = registrar_.add(connection, tenant, missing);
    if (!ids) return failure(ids.error());
    for (std::size_t i = 0, nth = 0; i < unknown_.size(); ++i) {
        if (found_[i].value != 0) continue;
        found_[i] = (*ids)[nth++];
        unknown_[i].registered = found_[i].value != 0;
    }
    return {};
}

}  // namespace atlas::ingest
