// SPDX-License-Identifier: Apache-2.0
#include "ingest/resolve/catalog_writer.h"

#include "assets/sql.h"
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
                                       std::span<const NewAttribute> attributes) {
    std::vector<std::string_view> names;
    std::vector<std::string_view> types;
    for (const NewAttribute& attribute : attributes) {
        names.push_back(attribute.name);
        types.push_back(to_string(attribute.type));
    }
    return in_transaction(connection, [&]() -> pg::Expected<void> {
        auto done = run(connection, sql::text("queries/ingest/add_dictionary_names.sql"),
                        pg::Params{}.add(tenant.value).add_texts(names).add_texts(types));
        if (done) {
            done = run(connection, sql::text("queries/ingest/lock_dictionary_names.sql"),
                       pg::Params{}.add_texts(names));
        }
        if (done) done = lock_tenant(connection, tenant);
        if (!done) return done;
        return run(connection, sql::text("queries/ingest/add_tenant_attributes.sql"),
                   pg::Params{}.add(tenant.value).add_texts(names).add_texts(types));
    });
}

pg::Expected<void> apply_change(pg::Connection& connection, TenantId tenant,
                                const CatalogChange& change) {
    const auto in_use = values_of(change.in_use);
    const auto widen = values_of(change.widen);
    return in_transaction(connection, [&]() -> pg::Expected<void> {
        auto done = lock_tenant(connection, tenant);
        if (!done) return done;
        return run(connection, sql::text("queries/ingest/change_tenant_attributes.sql"),
                   pg::Params{}.add(tenant.value).add_int8s(in_use).add_int8s(widen));
    });
}

}  // namespace atlas::ingest
