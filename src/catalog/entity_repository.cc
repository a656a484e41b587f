// SPDX-License-Identifier: Apache-2.0
#include "catalog/entity_repository.h"

#include <array>

#include "assets/sql.h"
#include "pg/connection.h"
#include "pg/transaction.h"

namespace atlas::catalog {
namespace {

using Outcome = EntityChange::Outcome;

struct Known {
    std::int64_t id = 0;
    std::string type;
    bool retired = false;
};

pg::Expected<std::optional<Known>> find(pg::Connection& connection, TenantId tenant,
                                        std::string_view external_id) {
    const auto rows = connection.exec(sql::text("queries/entities/find.sql"),
                                      pg::Params{}.add(tenant.value).add(external_id));
    if (!rows) return failure(rows.error());
    if (rows->empty()) return std::nullopt;
    return Known{.id = rows->int8(0, 0),
                 .type = std::string(rows->text(0, 1)),
                 .retired = rows->boolean(0, 2)};
}

// True when this call created the entity; false when another session did, or the limit is reached.
pg::Expected<bool> add(pg::Connection& connection, TenantId tenant, std::string_view external_id,
                       std::string_view type) {
    auto transaction = pg::Transaction::begin(connection);
    if (!transaction) return failure(transaction.error());
    const auto locked =
        connection.exec(sql::text("queries/tenants/lock.sql"), pg::Params{}.add(tenant.value));
    if (!locked) return failure(locked.error());
    const auto added = connection.exec(sql::text("queries/ingest/add_entities.sql"),
                                       pg::Params{}
                                           .add(tenant.value)
                                           .add_texts(std::array{external_id})
                                           .add_texts(std::array{type}));
    if (!added) return failure(added.error());
    if (const auto done = transaction->commit(); !done) return failure(done.error());
    return added->affected() > 0;
}

pg::Expected<std::string> set_retired(pg::Connection& connection, TenantId tenant,
                                      std::int64_t entity, bool retired) {
    const auto rows = connection.exec(sql::text("queries/entities/set_deleted.sql"),
                                      pg::Params{}.add(tenant.value).add(entity).add(retired));
    if (!rows) return failure(rows.error());
    return std::string(rows->text(0, 0));
}

// The shard's lock comes before the row's.
pg::Expected<Outcome> change(pg::Connection& connection, TenantId tenant, const Known& known,
                             std::optional<std::string_view> type) {
    auto transaction = pg::Transaction::begin(connection);
    if (!transaction) return failure(transaction.error());
    if (known.retired) {
        const auto revived = set_retired(connection, tenant, known.id, false);
        if (!revived) return failure(revived.error());
        if (*revived == "entity_limit") return Outcome::entity_limit;
    }
    if (type) {
        const auto typed = connection.exec(sql::text("queries/entities/set_type.sql"),
                                           pg::Params{}.add(tenant.value).add(known.id).add(*type));
        if (!typed) return failure(typed.error());
    }
    if (const auto done = transaction->commit(); !done) return failure(done.error());
    return Outcome::changed;
}

// The end of the primary's log: every commit acknowledged before the call is before it.
pg::Expected<LogPosition> log_position(pg::Connection& connection) {
    const auto rows = connection.exec(sql::text("queries/log_position.sql"));
    if (!rows) return failure(rows.error());
    return LogPosition{.timeline = timeline_of_segment(rows->text(0, 1)),
                       .lsn = parse_lsn(rows->text(0, 0)).value_or(Lsn{})};
}

pg::Expected<EntityChange> finished(pg::Connection& connection, Outcome outcome) {
    const auto position = log_position(connection);
    if (!position) return failure(position.error());
    return EntityChange{.outcome = outcome, .position = *position};
}

}  // namespace

pg::Expected<EntityChange> put_entity(pg::Connection& connection, TenantId tenant,
                                      std::string_view external_id,
                                      std::optional<std::string_view> type) {
    auto known = find(connection, tenant, external_id);
    if (!known) return failure(known.error());
    if (!*known) {
        const auto added = add(connection, tenant, external_id, type.value_or("entity"));
        if (!added) return failure(added.error());
        if (*added) return finished(connection, Outcome::created);
        known = find(connection, tenant, external_id);
        if (!known) return failure(known.error());
        if (!*known) return EntityChange{.outcome = Outcome::entity_limit, .position = {}};
    }
    const auto stated = connection.exec(sql::text("queries/entities/add_state.sql"),
                                        pg::Params{}.add(tenant.value).add((*known)->id));
    if (!stated) return failure(stated.error());
    if ((*known)->retired || (type && *type != (*known)->type)) {
        const auto done = change(connection, tenant, **known, type);
        if (!done) return failure(done.error());
        if (*done == Outcome::entity_limit) return EntityChange{.outcome = *done, .position = {}};
    }
    return finished(connection, Outcome::changed);
}

pg::Expected<EntityChange> retire_entity(pg::Connection& connection, TenantId tenant,
                                         std::string_view external_id) {
    const auto known = find(connection, tenant, external_id);
    if (!known) return failure(known.error());
    if (!*known) return EntityChange{.outcome = Outcome::not_found, .position = {}};
    const auto result = set_retired(connection, tenant, (*known)->id, true);
    if (!result) return failure(result.error());
    return finished(connection, *result == "ok" ? Outcome::retired : Outcome::already_retired);
}

}  // namespace atlas::catalog
