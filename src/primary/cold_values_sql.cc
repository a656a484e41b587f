// SPDX-License-Identifier: Apache-2.0
#include "primary/cold_values_sql.h"

#include <fmt/format.h>

namespace atlas::primary {

Read newest_rows_sql(const storage::PackedReader& reader, TenantId tenant,
                     const std::vector<EntityState>& entities, Time from, Time to, bool holding,
                     int limit) {
    std::vector<std::int64_t> ids;
    ids.reserve(entities.size());
    for (const EntityState& entity : entities) ids.push_back(entity.id.value);
    Read read;
    read.params.add(tenant.value).add_int8s(ids).add(from).add(to).add(std::int64_t{limit});
    const std::string columns = reader.columns_sql(read.params);
    const std::string condition = holding ? " AND " + reader.holds_sql(read.params) : "";
    // The range of one entity, besides the equality, keeps the planner to the key where statistics
    // are of a partition's first rows (sql/queries/ingest/read_existing.sql).
    read.sql = fmt::format(
        "SELECT u.n, o.* FROM unnest($2) WITH ORDINALITY u(id, n), LATERAL (SELECT o.observed_at, "
        "{} FROM public.observations o WHERE o.tenant_id = $1::bigint AND o.entity_id = u.id AND "
        "o.entity_id >= u.id AND o.entity_id <= u.id AND "
        "o.observed_at >= $3 AND o.observed_at < $4{} ORDER BY o.observed_at DESC LIMIT "
        "$5::bigint) "
        "o",
        columns, condition);
    return read;
}

}  // namespace atlas::primary
