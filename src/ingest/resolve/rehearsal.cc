// SPDX-License-Identifier: Apache-2.0
#include "ingest/resolve/rehearsal.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "assets/sql.h"

namespace atlas::ingest {
namespace {

using model::Attribute;
using model::TenantCatalog;

struct Known {
    bool exists = false;
    bool deleted = false;
};
using Entities = std::map<std::string_view, Known>;

std::shared_ptr<const TenantCatalog> copy_of(const TenantCatalog& catalog,
                                             std::vector<Attribute> attributes) {
    return std::make_shared<const TenantCatalog>(
        catalog.tenant(), catalog.epoch(), catalog.clock(), catalog.active(), std::move(attributes),
        catalog.entities_epoch(), catalog.tenant_name(),
        std::vector<std::string>(catalog.dropped().begin(), catalog.dropped().end()));
}

std::vector<Attribute> attributes_of(const TenantCatalog& catalog) {
    return {catalog.all().begin(), catalog.all().end()};
}

bool contains(const std::vector<AttributeId>& ids, AttributeId id) {
    return std::ranges::find(ids, id) != ids.end();
}

std::string_view entity_of(const Job& job, const Row& row) {
    return job.batch.text(job.batch.observations()[row.observation].entity);
}

// Fills in what the database knows of the entities; how many the tenant may still register, nullopt
// without a limit.
pg::Expected<std::optional<std::int64_t>> look_up(pg::Connection& connection, TenantId tenant,
                                                  Entities& entities) {
    static const SqlText kSql = sql::text("queries/ingest/rehearse_entities.sql");
    std::vector<std::string_view> ids;
    for (const auto& [id, known] : entities) ids.push_back(id);
    const auto rows = connection.exec(kSql, pg::Params{}.add(tenant.value).add_texts(ids));
    if (!rows) return failure(rows.error());
    std::optional<std::int64_t> room;
    for (int i = 0; i < rows->size(); ++i) {
        if (rows->is_null(i, 0)) {
            if (!rows->is_null(i, 2)) room = rows->int8(i, 2);
        } else if (const auto found = entities.find(rows->text(i, 0)); found != entities.end()) {
            found->second = {true, rows->boolean(i, 1)};
        }
    }
    return room;
}

using Refused = std::set<std::string_view>;  // entities

void refuse_retired(Job& job, const std::vector<Row>& rows, const Entities& entities,
                    Refused& refused) {
    const auto is_retired = [&](const Row& row) {
        return entities.at(entity_of(job, row)).deleted;
    };
    if (!std::ranges::any_of(rows, is_retired)) return;
    for (const Row& row : rows) {
        if (!job.request.atomic && !is_retired(row)) continue;
        refused.insert(entity_of(job, row));
        job.outcome.refuse_item(
            row.observation, ItemCode::entity_deleted,
            job.request.atomic
                ? "an entity of the request is retired; with atomic=true nothing is stored"
                : "the entity is retired; PUT /v1/entities/{entity} revives it");
    }
}

// The entities that have no room: the last by their ids, as they would be registered.
void refuse_over_limit(Job& job, const std::vector<Row>& rows, const Entities& entities,
                       std::int64_t room, Refused& refused) {
    for (const auto& [id, known] : entities) {
        if (!known.exists && room-- <= 0) refused.insert(id);
    }
    for (const Row& row : rows) {
        const std::string_view id = entity_of(job, row);
        if (entities.at(id).exists || !refused.contains(id)) continue;
        job.outcome.refuse_item(row.observation, ItemCode::entity_limit,
                                "the tenant's entity limit is reached; retire some or raise "
                                "tenants.max_entities");
    }
}

std::uint64_t count_overwritten(const Job& job, const std::vector<Row>& rows,
                                const Refused& refused) {
    std::map<std::pair<std::string_view, Time>, std::set<std::int32_t>> seen;
    std::uint64_t overwritten = 0;
    for (const Row& row : rows) {
        if (refused.contains(entity_of(job, row))) continue;
        auto& attributes = seen[{entity_of(job, row), row.observed_at}];
        for (const storage::Slot& slot : row.layout->slots) {
            if (!attributes.insert(slot.attribute).second) ++overwritten;
        }
    }
    return overwritten;
}

}  // namespace

pg::Expected<model::TenantCatalogPtr> with_attributes(pg::Connection& connection,
                                                      const TenantCatalog& catalog,
                                                      std::span<const NewAttribute> attributes) {
    static const SqlText kSql = sql::text("queries/ingest/read_attribute_room.sql");
    const auto rows = connection.exec(kSql, pg::Params{}.add(catalog.tenant().value));
    if (!rows) return failure(rows.error());
    std::int64_t room = rows->empty() ? 0 : rows->int8(0, 0);
    std::vector<Attribute> all = attributes_of(catalog);
    for (const NewAttribute& wanted : attributes) {
        if (room-- <= 0) break;
        Attribute attribute;
        attribute.id = AttributeId{all.empty() ? 1 : all.back().id.value + 1};
        attribute.name = wanted.name;
        attribute.type = wanted.type;
        attribute.in_use = true;
        all.push_back(std::move(attribute));
    }
    return copy_of(catalog, std::move(all));
}

model::TenantCatalogPtr with_change(const TenantCatalog& catalog, const CatalogChange& change) {
    std::vector<Attribute> all = attributes_of(catalog);
    for (Attribute& attribute : all) {
        if (contains(change.in_use, attribute.id)) attribute.in_use = true;
        if (contains(change.no_tags, attribute.id)) attribute.from_tags = false;
        if (contains(change.widen, attribute.id)) attribute.type = model::Type::float64;
    }
    return copy_of(catalog, std::move(all));
}

model::TenantCatalogPtr with_moved_tag(const TenantCatalog& catalog, std::string_view name) {
    const std::string moved = std::string(name) + "_tag";
    if (catalog.find(moved) != nullptr) return nullptr;
    std::vector<Attribute> all = attributes_of(catalog);
    for (Attribute& attribute : all) {
        if (attribute.name == name) attribute.name = moved;
    }
    return copy_of(catalog, std::move(all));
}

pg::Expected<void> rehearse_rows(pg::Connection& connection, Job& job,
                                 const std::vector<Row>& rows) {
    Entities entities;
    for (const Row& row : rows) entities.try_emplace(entity_of(job, row));
    if (entities.empty()) return {};
    const auto room = look_up(connection, job.request.tenant, entities);
    if (!room) return failure(room.error());
    Refused refused;
    refuse_retired(job, rows, entities, refused);
    if (*room) refuse_over_limit(job, rows, entities, **room, refused);
    job.outcome.count_overwritten(count_overwritten(job, rows, refused));
    return {};
}

}  // namespace atlas::ingest
