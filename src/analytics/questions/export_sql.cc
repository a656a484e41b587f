// SPDX-License-Identifier: Apache-2.0
#include "analytics/questions/export_sql.h"

#include <fmt/format.h>

#include "analytics/questions/filter_sql.h"

namespace atlas::analytics {

std::string_view read_position_sql() {
    return "SELECT timeline, CAST(lsn AS BIGINT), committed_at FROM store.position";
}

UnitSql export_sql(TenantId tenant, const query::ExportRequest& request, ExportPart part,
                   bool narrow) {
    Params params;
    std::string sql = fmt::format(
        "SELECT f.* EXCLUDE (superseded){} FROM store.facts f WHERE f.tenant_id = {}",
        narrow ? " REPLACE (CAST(f.value_json AS VARCHAR) AS value_json)" : "", tenant.value);
    if (part == ExportPart::current) sql += " AND NOT f.superseded";
    if (part == ExportPart::superseded) sql += " AND f.superseded";
    if (request.from) sql += " AND f.ingested_at >= " + sql_instant(*request.from);
    if (request.to) sql += " AND f.ingested_at < " + sql_instant(*request.to);
    if (!request.attributes.everything) {
        std::string names;
        for (const std::string& name : request.attributes.names) {
            names += (names.empty() ? "" : ", ") + params.add(name);
        }
        sql += fmt::format(" AND f.attribute_name IN ({})", names);
    }
    if (request.filter.kind != query::Filter::Kind::everything) {
        sql += fmt::format(" AND f.entity_id IN ({})",
                           matching_entities_sql(tenant, request.filter, params));
    }
    return {.text = std::move(sql), .params = params.values()};
}

}  // namespace atlas::analytics
