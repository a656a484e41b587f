// SPDX-License-Identifier: Apache-2.0
#include "catalog/catalog.h"

namespace atlas::catalog {
namespace {

constexpr auto kRecent = std::chrono::seconds{1};

constexpr std::string_view kTenantSql =
    "SELECT t.catalog_epoch, t.is_active, c.epoch FROM public.tenants t, public.catalog_clock c "
    "WHERE t.tenant_id = $1";

constexpr std::string_view kAttributesSql =
    "SELECT a.attribute_id, a.attribute_name, t.type, coalesce(t.is_hot, a.is_hot), t.declared, "
    "t.in_use, t.wide_ints, coalesce(t.unit, ''), coalesce(t.description, ''), "
    "(extract(epoch FROM t.created_at) * 1000000)::bigint "
    "FROM public.tenant_attributes t JOIN public.attributes a USING (attribute_id) "
    "WHERE t.tenant_id = $1 ORDER BY a.attribute_id";

model::Attribute read_attribute(const pg::Rows& rows, int row) {
    model::Attribute attribute;
    attribute.id = AttributeId{static_cast<std::int32_t>(rows.int8(row, 0))};
    attribute.name = rows.text(row, 1);
    attribute.type = model::parse_type(rows.text(row, 2)).value_or(model::Type::string);
    attribute.hot = rows.boolean(row, 3);
    attribute.declared = rows.boolean(row, 4);
    attribute.in_use = rows.boolean(row, 5);
    attribute.wide_ints = rows.boolean(row, 6);
    attribute.unit = rows.text(row, 7);
    attribute.description = rows.text(row, 8);
    attribute.created_at = time_from_micros(rows.int8(row, 9));
    return attribute;
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

pg::Expected<model::TenantCatalogPtr> Catalog::get(pg::Connection& connection, TenantId tenant) {
    if (auto snapshot = cached(tenant)) return snapshot;
    return reload(connection, tenant);
}

pg::Expected<model::TenantCatalogPtr> Catalog::get_recent(pg::Connection& connection,
                                                          TenantId tenant) {
    const auto now = clock_.steady();
    {
        const std::lock_guard lock(mutex_);
        const auto found = entries_.find(tenant);
        if (found != entries_.end() && now - found->second.checked < kRecent) {
            return found->second.snapshot;
        }
    }
    return get_current(connection, tenant);
}

pg::Expected<model::TenantCatalogPtr> Catalog::get_current(pg::Connection& connection,
                                                           TenantId tenant) {
    model::TenantCatalogPtr snapshot = cached(tenant);
    if (!snapshot) return reload(connection, tenant);
    const auto rows = connection.exec(kTenantSql, pg::Params{}.add(tenant.value));
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
    const auto state = connection.exec(kTenantSql, pg::Params{}.add(tenant.value));
    if (!state) return failure(state.error());
    if (state->empty()) {
        forget(tenant);
        return model::TenantCatalogPtr{};
    }
    const auto rows = connection.exec(kAttributesSql, pg::Params{}.add(tenant.value));
    if (!rows) return failure(rows.error());
    std::vector<model::Attribute> attributes;
    attributes.reserve(static_cast<std::size_t>(rows->size()));
    for (int row = 0; row < rows->size(); ++row) attributes.push_back(read_attribute(*rows, row));
    auto snapshot = std::make_shared<const model::TenantCatalog>(
        tenant, state->int8(0, 0), state->int8(0, 2), state->boolean(0, 1), std::move(attributes));
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
