// SPDX-License-Identifier: Apache-2.0
#include "analytics/questions/series_sql.h"

#include <fmt/format.h>

#include <algorithm>

#include "analytics/questions/filter_sql.h"

namespace atlas::analytics {
namespace {

std::string between(const query::TimeRange& range) {
    return sql_between("p", range.from, range.to);
}

// Where the page begins: what lies before is on the pages before.
std::string resume_sql(const query::SeriesRequest& request, const query::SeriesRange& range,
                       const query::SeriesPlace& resume) {
    if (request.merged && request.raw) {
        const std::string at = sql_instant(resume.at);
        const std::string_view after = request.descending ? "<" : ">";
        return fmt::format(
            " AND (p.observed_at {0} {1} OR (p.observed_at = {1} AND p.entity_id {0}= {2}))", after,
            at, resume.entity.value);
    }
    if (request.merged) return "";
    return fmt::format(" AND (p.entity_id > {0} OR (p.entity_id = {0} AND {1}))",
                       resume.entity.value, between(range.of(resume.entity)));
}

}  // namespace

UnitSql entity_id_sql(TenantId tenant, const std::string& external_id) {
    Params params;
    std::string text = fmt::format(
        "SELECT entity_id FROM store.entities WHERE tenant_id = {} AND external_id = {}",
        tenant.value, params.add(external_id));
    return {.text = std::move(text), .params = params.values()};
}

UnitSql series_sql(const query::SeriesRequest& request, const query::SeriesRange& range,
                   const std::optional<query::SeriesPlace>& resume, std::optional<EntityId> only,
                   const std::vector<std::int32_t>& storage_ids,
                   std::optional<std::int64_t> limit) {
    Params params;
    const bool names = !only && !request.merged;
    const std::string_view desc = request.descending ? " DESC" : "";
    // The id that folds and page tokens call the only entity is 0.
    const query::TimeRange read = only ? range.of(EntityId{}) : range.all();
    std::string sql = fmt::format(
        "SELECT p.entity_id, {}, epoch_us(p.observed_at), p.attribute_id, p.int_value, "
        "p.double_value, p.text_value FROM store.points p{} WHERE p.tenant_id = {} AND "
        "p.attribute_id IN ({}) AND {}",
        names ? "e.external_id" : "NULL::VARCHAR",
        names ? fmt::format(" JOIN store.entities e ON e.tenant_id = {} AND "
                            "e.entity_id = p.entity_id",
                            request.tenant.value)
              : "",
        request.tenant.value, fmt::join(storage_ids, ", "), between(read));
    if (only) {
        sql += fmt::format(" AND p.entity_id = {}", only->value);
    } else {
        sql += fmt::format(" AND p.entity_id IN ({})",
                           matching_entities_sql(request.tenant, request.filter, params));
        if (resume) sql += resume_sql(request, range, *resume);
    }
    sql += request.merged && request.raw
               ? fmt::format(" ORDER BY p.observed_at{0}, p.entity_id{0}", desc)
               : fmt::format(" ORDER BY p.entity_id, p.observed_at{}", desc);
    if (limit) sql += fmt::format(" LIMIT {}", *limit);
    return {.text = std::move(sql), .params = params.values()};
}

}  // namespace atlas::analytics
