// SPDX-License-Identifier: Apache-2.0
#include "catalog/catalog.h"

#include <array>

#include "assets/sql.h"
#include "catalog/attribute_rows.h"
#include "pg/prepared.h"

namespace atlas::catalog {
namespace {

constexpr auto kRecent = std::chrono::seconds{1};

// One row: epoch, whether the tenant is active, the clock of all catalogs, the epoch of its
// entities, its name.
const SqlText& state_sql() {
    static const SqlText kSql = sql::text("queries/tenants/state.sql");
    return kSql;
}

}  // namespace

Catalog::Catalog(const Clock& clock, std::size_t limit_bytes)
    : clock_(clock), limit_bytes_(limit_bytes) {
}

model::TenantCatalogPtr Catalog::cached(TenantId tenant) {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(tenant);
    if (found == entries_.end()) return nullptr;
    uses_.splice(uses_.begin(), uses_, found->second.use);
    return found->second.snapshot;
}

model::TenantCatalogPtr Catalog::recent(TenantId tenant) {
    const auto now = clock_.steady();
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(tenant);
    if (found == entries_.end() || now - found->second.checked >= kRecent) return nullptr;
    return found->second.snapshot;
}

pg::Expected<model::TenantCatalogPtr> Catalog::get(pg::Connection& connection, TenantId tenant) {
    if (auto snapshot = cached(tenant)) return snapshot;
    return reload(connection, tenant);
}

pg::Expected<model::TenantCatalogPtr> Catalog::get_recent(pg::Connection& connection,
                                                          TenantId tenant) {
    if (auto snapshot = recent(tenant)) return snapshot;
    return get_current(connection, tenant);
}

pg::Expected<model::TenantCatalogPtr> Catalog::get_current(pg::Connection& connection,
                                                           TenantId tenant) {
    model::TenantCatalogPtr snapshot = cached(tenant);
    if (!snapshot) return reload(connection, tenant);
    const auto rows = pg::exec_prepared(connection, state_sql(), pg::Params{}.add(tenant.value));
    if (!rows) return failure(rows.error());
    if (rows->empty() || rows->int8(0, 0) != snapshot->epoch() ||
        rows->boolean(0, 1) != snapshot->active()) {
        return reload(connection, tenant);
    }
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(tenant);
    if (found != entries_.end()) found->second.checked = clock_.steady();
    return snapshot;
}

pg::Expected<model::TenantCatalogPtr> Catalog::reload(pg::Connection& connection, TenantId tenant) {
    // The epoch is read first: attributes that change in between make the snapshot newer than its
    // epoch says, and the next comparison loads it again.
    static const SqlText kLoadSql = sql::text("queries/attributes/load.sql");
    const pg::Params params = pg::Params{}.add(tenant.value);
    const std::array<pg::Connection::Statement, 2> statements{
        {{.sql = state_sql(), .params = &params, .name = state_sql().name},
         {.sql = kLoadSql, .params = &params, .name = kLoadSql.name}}};
    const auto results = connection.exec_pipeline(statements);
    if (!results) return failure(results.error());
    const pg::Rows& state = results->front();
    if (state.empty()) {
        forget(tenant);
        return model::TenantCatalogPtr{};
    }
    LoadedAttributes loaded = read_loaded_attributes(results->back());
    auto snapshot = std::make_shared<const model::TenantCatalog>(
        tenant, state.int8(0, 0), state.int8(0, 2), state.boolean(0, 1),
        std::move(loaded.attributes), state.int8(0, 3), std::string(state.text(0, 4)),
        std::move(loaded.dropped));
    store(snapshot);
    return snapshot;
}

void Catalog::forget(TenantId tenant) {
    const std::lock_guard lock(mutex_);
    erase(tenant);
}

void Catalog::erase(TenantId tenant) {
    const auto found = entries_.find(tenant);
    if (found == entries_.end()) return;
    bytes_ -= found->second.snapshot->bytes();
    uses_.erase(found->second.use);
    entries_.erase(found);
}

void Catalog::store(const model::TenantCatalogPtr& snapshot) {
    const std::lock_guard lock(mutex_);
    erase(snapshot->tenant());
    uses_.push_front(snapshot->tenant());
    entries_.emplace(snapshot->tenant(), Entry{snapshot, clock_.steady(), uses_.begin()});
    bytes_ += snapshot->bytes();
    evict();
}

void Catalog::evict() {
    while (bytes_ > limit_bytes_ && uses_.size() > 1) {
        const auto oldest = entries_.find(uses_.back());
        bytes_ -= oldest->second.snapshot->bytes();
        entries_.erase(oldest);
        uses_.pop_back();
    }
}

}  // namespace atlas::catalog
