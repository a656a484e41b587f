// SPDX-License-Identifier: Apache-2.0
#include "primary/series_sql.h"

#include <fmt/format.h>

#include <algorithm>

#include "primary/filter_sql.h"

namespace atlas::primary {
namespace {

constexpr std::string_view kEntityId =
    "SELECT e.entity_id FROM public.entities e WHERE e.tenant_id = $1::bigint AND e.external_id = "
    "$2::text";

// Each row holds at least one point, so raw pages need no more rows than points and one; unless
// points do not convert.
std::string limit(const query::SeriesRequest& request, const storage::PackedReader& reader,
                  pg::Params& params) {
    if (!request.raw || request.everything || reader.may_skip()) return "";
    params.add(std::int64_t{request.page_size} + 1);
    return fmt::format(" LIMIT {}::bigint", params.placeholder());
}

std::string holds(const query::SeriesRequest& request, const storage::PackedReader& reader,
                  pg::Params& params) {
    return request.everything ? std::string{} : " AND " + reader.holds_sql(params);
}

std::string_view direction(const query::SeriesRequest& request) {
    return request.descending ? " DESC" : "";
}

}  // namespace

Read entity_id_sql(const query::SeriesRequest& request) {
    Read read;
    read.params.add(request.tenant.value).add(*request.entity);
    read.sql = kEntityId;
    read.name = "read_entity_id";
    return read;
}

Read entity_rows_sql(const query::SeriesRequest& request, const storage::PackedReader& reader,
                     TimeRange range) {
    Read read;
    read.params.add(request.tenant.value).add(*request.entity).add(range.from).add(range.to);
    const std::string columns = reader.columns_sql(read.params);
    const std::string condition = holds(request, reader, read.params);
    read.sql = fmt::format(
        "SELECT o.observed_at, {} FROM public.observations o WHERE o.tenant_id = $1::bigint AND "
        "o.entity_id = ({}) AND o.observed_at >= $3 AND o.observed_at < $4{} ORDER BY "
        "o.observed_at{}{}",
        columns, kEntityId, condition, direction(request), limit(request, reader, read.params));
    // The columns, the condition, the direction and the limit: a few dozen texts in all.
    read.name = fmt::format("series_{:x}", std::hash<std::string>{}(read.sql));
    return read;
}

Read fleet_rows_sql(const query::SeriesRequest& request, const storage::PackedReader& reader,
                    const std::vector<SeriesMember>& members) {
    std::vector<std::int64_t> ids;
    std::vector<Time> froms;
    std::vector<Time> tos;
    for (const SeriesMember& member : members) {
        ids.push_back(member.id.value);
        froms.push_back(member.range.from);
        tos.push_back(member.range.to);
    }
    Read read;
    read.params.add(request.tenant.value).add_int8s(ids).add_times(froms).add_times(tos);
    read.params.add(*std::ranges::min_element(froms)).add(*std::ranges::max_element(tos));
    const std::string columns = reader.columns_sql(read.params);
    const std::string condition = holds(request, reader, read.params);
    // The range of one entity, besides the equality, keeps the planner to the key where statistics
    // are of a partition's first rows (sql/queries/ingest/read_existing.sql).
    read.sql = fmt::format(
        "SELECT u.n, o.* FROM unnest($2, $3, $4) WITH ORDINALITY u(id, f, t, n), LATERAL (SELECT "
        "o.observed_at, {} FROM public.observations o WHERE o.tenant_id = $1::bigint AND "
        "o.entity_id = u.id AND o.entity_id >= u.id AND o.entity_id <= u.id AND "
        "o.observed_at >= $5 AND o.observed_at < $6 AND o.observed_at >= "
        "u.f AND o.observed_at < u.t{} ORDER BY o.observed_at{}{}) o",
        columns, condition, direction(request), limit(request, reader, read.params));
    return read;
}

Read merged_rows_sql(const query::SeriesRequest& request, const storage::PackedReader& reader,
                     const std::vector<SeriesMember>& members,
                     const std::optional<query::SeriesPlace>& resume) {
    std::vector<std::int64_t> ids;
    ids.reserve(members.size());
    for (const SeriesMember& member : members) ids.push_back(member.id.value);
    TimeRange range{request.from, request.to};
    std::string behind;
    Read read;
    if (resume && request.descending) range.to = resume->at + Micros{1};
    if (resume && !request.descending) range.from = resume->at;
    read.params.add(request.tenant.value).add_int8s(ids).add(range.from).add(range.to);
    if (resume) {
        read.params.add(resume->at).add(resume->entity.value);
        behind = fmt::format(" AND (o.observed_at <> $5 OR o.entity_id {}= $6::bigint)",
                             request.descending ? "<" : ">");
    }
    const std::string columns = reader.columns_sql(read.params);
    const std::string condition = holds(request, reader, read.params);
    read.sql = fmt::format(
        "SELECT o.entity_id, o.observed_at, {} FROM "
        "public.observations o WHERE o.tenant_id = $1::bigint AND o.entity_id = ANY ($2) AND "
        "o.observed_at >= $3 AND o.observed_at < $4{}{} ORDER BY o.observed_at{}, o.entity_id{}{}",
        columns, behind, condition, direction(request), direction(request),
        limit(request, reader, read.params));
    return read;
}

}  // namespace atlas::primary
