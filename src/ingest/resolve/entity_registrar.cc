// SPDX-License-Identifier: Apache-2.0
#include "ingest/resolve/entity_registrar.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "assets/sql.h"
#include "pg/binary_result.h"
#include "pg/copy_binary.h"
#include "pg/transaction.h"

namespace atlas::ingest {
namespace {

constexpr std::string_view kUniqueViolation = "23505";
constexpr std::string_view kForeignKeyViolation = "23503";

pg::Params columns(TenantId tenant, std::span<const NewEntity> entities) {
    std::vector<std::string_view> ids;
    std::vector<std::string_view> types;
    for (const NewEntity& entity : entities) {
        ids.push_back(entity.external_id);
        types.push_back(entity.type);
    }
    return pg::Params{}.add(tenant.value).add_texts(ids).add_texts(types);
}

std::vector<EntityId> added(const pg::Rows& rows, std::span<const NewEntity> entities) {
    std::vector<EntityId> ids(entities.size());
    for (int i = 0; i < rows.size(); ++i) {
        const auto at =
            std::ranges::lower_bound(entities, rows.text(i, 0), {}, &NewEntity::external_id);
        ids[static_cast<std::size_t>(at - entities.begin())] = EntityId{rows.int8(i, 1)};
    }
    return ids;
}

pg::Expected<std::vector<EntityId>> insert(pg::Connection& connection, TenantId tenant,
                                           std::span<const NewEntity> entities) {
    static const SqlText kSql = sql::text("queries/ingest/add_entities.sql");
    const auto rows = connection.exec(kSql, columns(tenant, entities));
    if (!rows) return failure(rows.error());
    return added(*rows, entities);
}

// Under the lock of the tenant's row, which keeps the tenant and its limit: two gateways cannot
// both use what is left.
pg::Expected<std::vector<EntityId>> insert_locked(pg::Connection& connection, TenantId tenant,
                                                  std::span<const NewEntity> entities) {
    static const SqlText kLockSql = sql::text("queries/tenants/lock.sql");
    auto transaction = pg::Transaction::begin(connection);
    if (!transaction) return failure(transaction.error());
    const auto locked = connection.exec(kLockSql, pg::Params{}.add(tenant.value));
    if (!locked) return failure(locked.error());
    auto ids = insert(connection, tenant, entities);
    if (!ids) return ids;
    if (auto done = transaction->commit(); !done) return failure(done.error());
    return ids;
}

}  // namespace

pg::Expected<void> EntityRegistrar::prepare(pg::Connection& connection) {
    const auto set = connection.exec(sql::text("queries/ingest/registration_settings.sql"));
    if (!set) return failure(set.error());
    return {};
}

pg::Expected<std::vector<EntityId>> EntityRegistrar::add(pg::Connection& connection,
                                                         TenantId tenant,
                                                         std::span<const NewEntity> entities) {
    auto all = add_all(connection, tenant, entities);
    if (!all) return failure(all.error());
    if (*all) return std::move(**all);
    return insert_locked(connection, tenant, entities);
}

pg::Expected<std::optional<std::vector<EntityId>>> EntityRegistrar::add_all(
    pg::Connection& connection, TenantId tenant, std::span<const NewEntity> entities) {
    const auto limited = begin(connection, tenant, entities.size());
    auto transaction = pg::Transaction::adopt(connection);
    if (!limited) return failure(limited.error());
    if (*limited) return std::nullopt;
    auto ids = copy(connection, tenant, entities);
    if (!ids && ids.error().sqlstate == kUniqueViolation) return std::nullopt;
    if (!ids) return failure(ids.error());
    if (auto done = transaction.commit(); !done) return failure(done.error());
    return std::move(*ids);
}

pg::Expected<bool> EntityRegistrar::begin(pg::Connection& connection, TenantId tenant,
                                          std::size_t count) {
    static const SqlText kLimitSql = sql::text("queries/ingest/read_entity_limit.sql");
    static const SqlText kReserveSql = sql::text("queries/ingest/reserve_entity_ids.sql");
    const pg::Params whose = pg::Params{}.add(tenant.value);
    const pg::Params how_many = pg::Params{}.add(static_cast<std::int64_t>(count));
    const std::array<pg::Connection::Statement, 3> statements{
        {{.sql = "BEGIN ISOLATION LEVEL READ COMMITTED", .name = "begin_read_committed"},
         {.sql = kLimitSql, .params = &whose, .name = "read_entity_limit"},
         {.sql = kReserveSql,
          .params = &how_many,
          .format = pg::Connection::Format::binary,
          .name = "reserve_entity_ids"}}};
    const auto results = connection.exec_pipeline(statements);
    if (!results) return failure(results.error());
    ids_.clear();
    const pg::Rows& ids = results->back();
    for (pg::ArrayReader id(ids.text(0, 0)); id.next();) ids_.emplace_back(id.int8());
    const pg::Rows& limit = (*results)[1];
    if (limit.empty()) {
        return failure(pg::Error{.kind = pg::ErrorKind::data,
                                 .sqlstate = std::string(kForeignKeyViolation),
                                 .message = fmt::format("tenant {} is gone", tenant.value)});
    }
    return !limit.is_null(0, 0);
}

pg::Expected<std::vector<EntityId>> EntityRegistrar::copy(pg::Connection& connection,
                                                          TenantId tenant,
                                                          std::span<const NewEntity> entities) {
    buffer_.clear();
    pg::CopyWriter writer(buffer_);
    writer.header();
    for (std::size_t i = 0; i < entities.size(); ++i) {
        writer.tuple(4).int8(tenant.value).int8(ids_[i].value);
        writer.text(entities[i].type).text(entities[i].external_id);
    }
    writer.trailer();
    auto done = connection.copy_begin(
        {"COPY public.entities (tenant_id, entity_id, entity_type, external_id) FROM STDIN "
         "(FORMAT binary)",
         "copy_entities"});
    if (done) done = connection.copy_put(buffer_);
    if (!done) return failure(done.error());
    const auto copied = connection.copy_end();
    if (!copied) return failure(copied.error());
    return std::move(ids_);
}

}  // namespace atlas::ingest
