// SPDX-License-Identifier: Apache-2.0
#include "index/feed/row_reader.h"

#include <algorithm>

#include "pg/binary_result.h"

namespace atlas::index {
namespace {

using stream::Cell;
using stream::Operation;
using stream::Table;

constexpr Day kPostgresEpoch{std::chrono::days{10'957}};
// The first byte of jsonb in the binary format is its version.
constexpr char kJsonbVersion = '\1';

enum EntityColumn : int { kEntityId, kTenantId, kExternalId, kType, kCreatedAt, kDeleted };
constexpr std::array<std::string_view, 6> kEntityColumns{"entity_id",   "tenant_id",  "external_id",
                                                         "entity_type", "created_at", "is_deleted"};
enum StateColumn : int {
    kStateEntity,
    kStateTenant,
    kUpdatedAt,
    kLastDay,
    kStateDeleted,
    kHotAttrs,
    kHotAt
};
constexpr std::array<std::string_view, 7> kStateColumns{
    "entity_id", "tenant_id", "updated_at", "last_day", "is_deleted", "hot_attrs", "hot_at"};
enum ObservationColumn : int { kObservedEntity, kObservedTenant, kObservedAt };
constexpr std::array<std::string_view, 3> kObservationColumns{"entity_id", "tenant_id",
                                                              "observed_at"};
constexpr std::array<std::string_view, 1> kTenantColumns{"tenant_id"};

std::span<const std::string_view> columns_of(Table table) {
    switch (table) {
        case Table::tenants: return kTenantColumns;
        case Table::entities: return kEntityColumns;
        case Table::entity_jsonb: return kStateColumns;
        case Table::observations: return kObservationColumns;
        default: return {};
    }
}

std::optional<std::string_view> jsonb(std::string_view bytes) {
    if (bytes.empty() || bytes.front() != kJsonbVersion) return std::nullopt;
    return bytes.substr(1);
}

Day read_date(std::string_view bytes) {
    return kPostgresEpoch + std::chrono::days{pg::read_int4(bytes)};
}

}  // namespace

bool RowReader::bind(const stream::Relation& relation) {
    Places& table = tables_[static_cast<std::size_t>(relation.table)];
    table_ = &table;
    if (!table.places.empty() && table.oid == relation.oid && table.version == relation.version) {
        return true;
    }
    table = {.oid = relation.oid, .version = relation.version, .places = {}};
    for (const std::string_view name : columns_of(relation.table)) {
        const auto place = relation.find(name);
        if (!place) {
            table.places.clear();
            return false;
        }
        table.places.push_back(*place);
    }
    return true;
}

// nullopt: NULL, unchanged, or not in the row.
std::optional<std::string_view> RowReader::cell(std::span<const Cell> row, int column) const {
    const std::size_t place = table_->places[static_cast<std::size_t>(column)];
    if (place >= row.size() || row[place].kind != Cell::Kind::value) return std::nullopt;
    return row[place].bytes;
}

bool RowReader::apply(const stream::Change& change) {
    if (columns_of(change.relation->table).empty() || change.operation == Operation::truncate) {
        return true;
    }
    if (!bind(*change.relation)) return false;
    switch (change.relation->table) {
        case Table::tenants: return tenant(change);
        case Table::entities: return entity(change);
        case Table::entity_jsonb: return state(change);
        case Table::observations: return observation(change);
        default: return true;
    }
}

bool RowReader::tenant(const stream::Change& change) {
    if (change.operation != Operation::remove) return true;
    const auto tenant = cell(change.old_key, 0);
    if (tenant) index_.remove_tenant(TenantId{pg::read_int8(*tenant)});
    return tenant.has_value();
}

bool RowReader::entity(const stream::Change& change) {
    if (change.operation == Operation::remove) {
        const auto entity = cell(change.old_key, kEntityId);
        if (entity) removed_.emplace_back(EntityId{pg::read_int8(*entity)});
        return entity.has_value();
    }
    const auto entity = cell(change.row, kEntityId);
    const auto tenant = cell(change.row, kTenantId);
    const auto name = cell(change.row, kExternalId);
    const auto type = cell(change.row, kType);
    const auto created = cell(change.row, kCreatedAt);
    const auto deleted = cell(change.row, kDeleted);
    if (!entity || !tenant || !name || !type || !created || !deleted) return false;
    index_.put(EntityRow{.tenant = TenantId{pg::read_int8(*tenant)},
                         .entity = EntityId{pg::read_int8(*entity)},
                         .external_id = *name,
                         .type = *type,
                         .created_at = pg::read_timestamptz(*created),
                         .deleted = pg::read_bool(*deleted)});
    return true;
}

void RowReader::put(StateRow& state, std::optional<std::string_view> attrs,
                    std::optional<std::string_view> at) {
    // What is no object, of an edit by hand before there was a check, has no members.
    if (attrs) state.values = json_.values(*attrs).value_or(std::span<const HotValue>{});
    if (at) state.instants = json_.instants(*at).value_or(std::span<const HotInstant>{});
    index_.put(state);
}

bool RowReader::state(const stream::Change& change) {
    const auto row = change.operation == Operation::remove ? change.old_key : change.row;
    const auto entity = cell(row, kStateEntity);
    const auto tenant = cell(row, kStateTenant);
    if (!entity || !tenant) return false;
    StateRow state{.tenant = TenantId{pg::read_int8(*tenant)},
                   .entity = EntityId{pg::read_int8(*entity)}};
    if (change.operation == Operation::remove) {
        index_.remove_state(state.tenant, state.entity);
        if (std::erase(removed_, state.entity) > 0) {
            index_.remove_entity(state.tenant, state.entity);
        }
        return true;
    }
    const auto updated = cell(row, kUpdatedAt);
    const auto deleted = cell(row, kStateDeleted);
    if (!updated || !deleted) return false;
    state.updated_at = pg::read_timestamptz(*updated);
    state.deleted = pg::read_bool(*deleted);
    if (const auto day = cell(row, kLastDay)) state.last_day = read_date(*day);
    const auto attrs = cell(row, kHotAttrs);
    const auto at = cell(row, kHotAt);
    put(state, attrs ? jsonb(*attrs) : std::nullopt, at ? jsonb(*at) : std::nullopt);
    return true;
}

bool RowReader::observation(const stream::Change& change) {
    if (change.operation == Operation::remove) return true;
    const auto entity = cell(change.row, kObservedEntity);
    const auto tenant = cell(change.row, kObservedTenant);
    const auto at = cell(change.row, kObservedAt);
    if (!entity || !tenant || !at) return false;
    index_.observed(TenantId{pg::read_int8(*tenant)}, EntityId{pg::read_int8(*entity)},
                    pg::read_timestamptz(*at));
    return true;
}

// Those without a state, which are few, were of any tenant.
void RowReader::finish() {
    if (removed_.empty()) return;
    for (const TenantUse& tenant : index_.tenants()) {
        for (const EntityId entity : removed_) index_.remove_entity(tenant.tenant, entity);
    }
    removed_.clear();
}

bool RowReader::load(const pg::Rows& rows, int row) {
    const TenantId tenant{pg::read_int8(rows.text(row, kLoadTenant))};
    const EntityId entity{pg::read_int8(rows.text(row, kLoadEntity))};
    index_.put(EntityRow{.tenant = tenant,
                         .entity = entity,
                         .external_id = rows.text(row, kLoadExternalId),
                         .type = rows.text(row, kLoadType),
                         .created_at = pg::read_timestamptz(rows.text(row, kLoadCreatedAt)),
                         .deleted = pg::read_bool(rows.text(row, kLoadDeleted))});
    if (rows.is_null(row, kLoadUpdatedAt)) return true;
    StateRow state{.tenant = tenant,
                   .entity = entity,
                   .updated_at = pg::read_timestamptz(rows.text(row, kLoadUpdatedAt)),
                   .deleted = pg::read_bool(rows.text(row, kLoadStateDeleted))};
    if (!rows.is_null(row, kLoadLastDay)) {
        state.last_day = read_date(rows.text(row, kLoadLastDay));
    }
    const auto attrs = jsonb(rows.text(row, kLoadHotAttrs));
    const auto at = jsonb(rows.text(row, kLoadHotAt));
    put(state, attrs, at);
    return attrs && at;
}

}  // namespace atlas::index
