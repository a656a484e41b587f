// SPDX-License-Identifier: Apache-2.0
#include "catalog/tenant_repository.h"

#include <simdjson.h>

#include <algorithm>

#include "assets/sql.h"

namespace atlas::model {
namespace {

Tenant read_tenant(const pg::Rows& rows, int row) {
    return {.id = TenantId{rows.int8(row, 0)},
            .name = std::string(rows.text(row, 1)),
            .created_at = time_from_micros(rows.int8(row, 2)),
            .active = rows.boolean(row, 3)};
}

pg::Expected<std::optional<Tenant>> one(pg::Expected<pg::Rows> rows) {
    if (!rows) return failure(rows.error());
    if (rows->empty()) return std::nullopt;
    return read_tenant(*rows, 0);
}

}  // namespace

const char* tenant_name_fault(std::string_view name) {
    if (name.empty()) return "a tenant's name must not be empty";
    if (name.size() > kMaxTenantNameBytes) return "a tenant's name has at most 255 bytes";
    const auto is_control = [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
    };
    if (std::ranges::any_of(name, is_control)) return "a tenant's name has no control characters";
    if (!simdjson::validate_utf8(name.data(), name.size())) return "a tenant's name is UTF-8";
    return nullptr;
}

pg::Expected<std::optional<Tenant>> create_tenant(pg::Connection& connection,
                                                  std::string_view name) {
    return one(connection.exec(sql::text("queries/tenants/create.sql"), pg::Params{}.add(name)));
}

pg::Expected<std::optional<Tenant>> find_tenant(pg::Connection& connection, std::string_view name) {
    return one(connection.exec(sql::text("queries/tenants/find.sql"), pg::Params{}.add(name)));
}

pg::Expected<std::vector<Tenant>> list_tenants(pg::Connection& connection, std::string_view after,
                                               int limit, std::optional<TenantId> only) {
    pg::Params params;
    params.add(after).add(std::int64_t{limit});
    only ? params.add(only->value) : params.add(nullptr);
    const auto rows = connection.exec(sql::text("queries/tenants/list.sql"), params);
    if (!rows) return failure(rows.error());
    std::vector<Tenant> tenants;
    tenants.reserve(static_cast<std::size_t>(rows->size()));
    for (int row = 0; row < rows->size(); ++row) tenants.push_back(read_tenant(*rows, row));
    return tenants;
}

}  // namespace atlas::model
