// SPDX-License-Identifier: Apache-2.0
#include "ingest/resolve/catalog_writer.h"

#include <fmt/format.h>

#include <array>
#include <chrono>

#include "assets/sql.h"
#include "catalog/attribute_change.h"
#include "pg/transaction.h"

namespace atlas::ingest {
namespace {

pg::Expected<void> run(pg::Connection& connection, const SqlText& sql, const pg::Params& params) {
    const auto rows = connection.exec(sql, params);
    if (!rows) return failure(rows.error());
    return {};
}

// Commits what `body` does; rolls back when it fails.
template <class Body>
pg::Expected<void> in_transaction(pg::Connection& connection, Body body) {
    auto transaction = pg::Transaction::begin(connection);
    if (!transaction) return failure(transaction.error());
    auto done = body();
    if (!done) return done;
    return transaction->commit();
}

pg::Expected<void> lock_tenant(pg::Connection& connection, TenantId tenant) {
    return run(connection, sql::text("queries/tenants/lock.sql"), pg::Params{}.add(tenant.value));
}

std::vector<std::int64_t> values_of(std::span<const AttributeId> ids) {
    std::vector<std::int64_t> values;
    for (const AttributeId id : ids) values.push_back(id.value);
    return values;
}

}  // namespace

pg::Expected<void> register_attributes(pg::Connection& connection, TenantId tenant,
                                       std::span<const NewAttribute> attributes, Origin origin) {
    std::vector<std::string_view> names;
    std::vector<std::string_view> types;
    for (const NewAttribute& attribute : attributes) {
        names.push_back(attribute.name);
        types.push_back(to_string(attribute.type));
    }
    const pg::Params wanted = pg::Params{}.add(tenant.value).add_texts(names).add_texts(types);
    const pg::Params named = pg::Params{}.add_texts(names);
    const pg::Params whose = pg::Params{}.add(tenant.value);
    pg::Params added = wanted;
    added.add(origin == Origin::tags);
    static const SqlText kNamesSql = sql::text("queries/ingest/add_dictionary_names.sql");
    static const SqlText kLockNamesSql = sql::text("queries/ingest/lock_dictionary_names.sql");
    static const SqlText kLockTenantSql = sql::text("queries/tenants/lock.sql");
    static const SqlText kAddSql = sql::text("queries/ingest/add_tenant_attributes.sql");
    // One round trip: with a request for each of many new tenants, this is what takes its time.
    const std::array<pg::Connection::Statement, 6> statements{
        {{.sql = "BEGIN ISOLATION LEVEL READ COMMITTED", .name = "begin_read_committed"},
         {.sql = kNamesSql, .params = &wanted, .name = kNamesSql.name},
         {.sql = kLockNamesSql, .params = &named, .name = kLockNamesSql.name},
         {.sql = kLockTenantSql, .params = &whose, .name = kLockTenantSql.name},
         {.sql = kAddSql, .params = &added, .name = kAddSql.name},
         {.sql = "COMMIT", .name = "commit"}}};
    const auto done = connection.exec_pipeline(statements);
    if (done) return {};
    // Leaves no transaction open on a usable connection.
    static_cast<void>(pg::Transaction::adopt(connection));
    return failure(done.error());
}

pg::Expected<bool> move_tag(pg::Connection& connection, TenantId tenant, std::string_view name) {
    constexpr std::chrono::seconds kLongest{2};
    const auto end = std::chrono::steady_clock::now() + kLongest;
    const auto outcome =
        catalog::rename_attribute(connection, tenant, name, fmt::format("{}_tag", name));
    if (!outcome) return failure(outcome.error());
    if (*outcome == catalog::ChangeOutcome::name_in_use) return false;
    // Until the state has followed, the name still means the tag.
    for (;;) {
        const auto left = catalog::continue_changes(connection, tenant);
        if (!left) return failure(left.error());
        if (!*left) return true;
        if (std::chrono::steady_clock::now() > end) {
            return failure(pg::Error{
                .kind = pg::ErrorKind::retryable,
                .sqlstate = "55P03",
                .message = fmt::format("the tag {} is being moved to {}_tag; retry", name, name)});
        }
    }
}

pg::Expected<void> apply_change(pg::Connection& connection, TenantId tenant,
                                const CatalogChange& change) {
    const auto in_use = values_of(change.in_use);
    const auto widen = values_of(change.widen);
    const auto no_tags = values_of(change.no_tags);
    return in_transaction(connection, [&]() -> pg::Expected<void> {
        auto done = lock_tenant(connection, tenant);
        if (!done) return done;
        return run(
            connection, sql::text("queries/ingest/change_tenant_attributes.sql"),
            pg::Params{}.add(tenant.value).add_int8s(in_use).add_int8s(widen).add_int8s(no_tags));
    });
}

}  // namespace atlas::ingest
