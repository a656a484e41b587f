// SPDX-License-Identifier: Apache-2.0
#include "catalog/tenant_repository.h"

#include "assets/sql.h"
#include "pg/connection.h"

namespace atlas::catalog {
namespace {

model::Tenant read_tenant(const pg::Rows& rows, int row) {
    return {.id = TenantId{rows.int8(row, 0)},
            .name = std::string(rows.text(row, 1)),
            .created_at = time_from_micros(rows.int8(row, 2)),
            .active = rows.boolean(row, 3)};
}

pg::Expected<std::optional<model::Tenant>> one(pg::Expected<pg::Rows> rows) {
    if (!rows) return failure(rows.error());
    if (rows->empty()) return std::nullopt;
    return read_tenant(*rows, 0);
}

}  // namespace

pg::Expected<std::optional<model::Tenant>> create_tenant(pg::Connection& connection,
                                                         std::string_view name) {
    return one(connection.exec(sql::text("queries/tenants/create.sql"), pg::Params{}.add(name)));
}

pg::Expected<std::optional<model::Tenant>> find_tenant(pg::Connection& connection,
                                                       std::string_view name) {
    return one(connection.exec(sql::text("queries/tenants/find.sql"), pg::Params{}.add(name)));
}

pg::Expected<std::vector<model::Tenant>> list_tenants(pg::Connection& connection,
                                                      std::string_view after, int limit,
                                                      std::optional<TenantId> only) {
    pg::Params params;
    params.add(after).add(std::int64_t{limit});
    only ? params.add(only->value) : params.add(nullptr);
    const auto rows = connection.exec(sql::text("queries/tenants/list.sql"), params);
    if (!rows) return failure(rows.error());
    std::vector<model::Tenant> tenants;
    tenants.reserve(static_cast<std::size_t>(rows->size()));
    for (int row = 0; row < rows->size(); ++row) tenants.push_back(read_tenant(*rows, row));
    return tenants;
}

}  // namespace atlas::catalog
