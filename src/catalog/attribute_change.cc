// SPDX-License-Identifier: Apache-2.0
#include "catalog/attribute_change.h"

#include "assets/sql.h"
#include "pg/connection.h"

namespace atlas::catalog {
namespace {

ChangeOutcome outcome_of(std::string_view word) {
    if (word == "unknown_attribute") return ChangeOutcome::not_found;
    if (word == "changing") return ChangeOutcome::changing;
    if (word == "name_in_use") return ChangeOutcome::name_in_use;
    return ChangeOutcome::done;
}

pg::Expected<ChangeOutcome> run(pg::Connection& connection, std::string_view query,
                                const pg::Params& params) {
    const auto rows = connection.exec(sql::text(query), params);
    if (!rows) return failure(rows.error());
    return outcome_of(rows->text(0, 0));
}

}  // namespace

pg::Expected<ChangeOutcome> retype_attribute(pg::Connection& connection, TenantId tenant,
                                             std::string_view name, model::Type type) {
    return run(connection, "queries/attributes/retype.sql",
               pg::Params{}.add(tenant.value).add(name).add(to_string(type)));
}

pg::Expected<ChangeOutcome> rename_attribute(pg::Connection& connection, TenantId tenant,
                                             std::string_view name, std::string_view new_name) {
    return run(connection, "queries/attributes/rename.sql",
               pg::Params{}.add(tenant.value).add(name).add(new_name));
}

pg::Expected<ChangeOutcome> drop_attribute(pg::Connection& connection, TenantId tenant,
                                           std::string_view name) {
    return run(connection, "queries/attributes/drop.sql", pg::Params{}.add(tenant.value).add(name));
}

pg::Expected<bool> continue_changes(pg::Connection& connection, std::optional<TenantId> tenant) {
    pg::Params params;
    tenant ? params.add(tenant->value) : params.add(nullptr);
    const auto rows = connection.exec(sql::text("queries/attributes/continue_changes.sql"), params);
    if (!rows) return failure(rows.error());
    return rows->boolean(0, 0);
}

pg::Expected<ValueCount> count_values(pg::Connection& connection, TenantId tenant,
                                      std::string_view name, std::optional<model::Type> type) {
    const auto partitions = connection.exec(sql::text("queries/attributes/list_partitions.sql"));
    if (!partitions) return failure(partitions.error());
    ValueCount count;
    for (int i = 0; i < partitions->size(); ++i) {
        pg::Params params;
        params.add(tenant.value).add(name);
        type ? params.add(to_string(*type)) : params.add(nullptr);
        params.add(partitions->text(i, 0));
        const auto rows = connection.exec(sql::text("queries/attributes/count_values.sql"), params);
        if (!rows) return failure(rows.error());
        count.stored += rows->int8(0, 0);
        count.lost += rows->int8(0, 1);
    }
    return count;
}

}  // namespace atlas::catalog
