// SPDX-License-Identifier: Apache-2.0
#include "primary/list_sql.h"

#include <fmt/format.h>

#include <algorithm>

#include "primary/filter_sql.h"

namespace atlas::primary {
namespace {

constexpr std::string_view kJoin =
    " JOIN public.entities e ON e.tenant_id = $1 AND e.entity_id = {}.entity_id";

std::string columns(std::string_view state, std::string_view entity) {
    return fmt::format(
        "{0}.entity_id, {1}.external_id, {1}.entity_type::text, {1}.created_at, {0}.updated_at, "
        "{0}.last_day, {0}.hot_attrs::text, {0}.hot_at::text",
        state, entity);
}

Read begin(const query::ListRequest& request) {
    Read read;
    read.params.add(request.tenant.value);
    return read;
}

std::string number(pg::Params& params, std::int64_t value) {
    params.add(value);
    return params.placeholder() + "::bigint";
}

bool order_uses_entities(const query::Order& order) {
    return std::ranges::any_of(order, [](const query::OrderKey& key) {
        return key.field == query::Field::entity || key.field == query::Field::type ||
               key.field == query::Field::created_at;
    });
}

std::string condition_after(const query::ListRequest& request,
                            const std::optional<query::Place>& after, pg::Params& params) {
    return after ? " AND " + after_sql(request.order, *after, params) : std::string{};
}

// The entities of the tenant in the order of an index, cut off after `steps`, with running counts
// of them all and of those that match `part`.
std::string stretch(const query::ListRequest& request, const std::optional<query::Place>& after,
                    const std::string& steps, const query::Filter& part, pg::Params& params) {
    const bool by_entity = request.order.front().field == query::Field::entity;
    const bool down = request.order.front().descending;
    const std::string sorted = by_entity ? fmt::format("e.external_id{}", down ? " DESC" : "")
                               : down    ? "h.updated_at DESC, h.entity_id"
                                         : "h.updated_at, h.entity_id DESC";
    const std::string from =
        by_entity
            ? "public.entities e JOIN public.entity_jsonb h ON h.tenant_id = $1 AND h.entity_id = "
              "e.entity_id WHERE e.tenant_id = $1 AND NOT e.is_deleted"
            : "public.entity_jsonb h WHERE h.tenant_id = $1 AND NOT h.is_deleted";
    const std::string found = part.kind == query::Filter::Kind::everything
                                  ? "0::bigint"
                                  : fmt::format("count(*) FILTER (WHERE {}) OVER w",
                                                filter_sql(part, FilterForm::scan, params));
    return fmt::format(
        "(SELECT h.entity_id, h.hot_attrs, h.hot_at, h.updated_at, h.last_day{0}, "
        "count(*) OVER w AS n, {1} AS found FROM {2}{3} "
        "WINDOW w AS (ORDER BY {4} ROWS UNBOUNDED PRECEDING) ORDER BY {4} LIMIT {5}) h",
        by_entity ? ", e.external_id, e.entity_type, e.created_at" : "", found, from,
        condition_after(request, after, params), sorted, steps);
}

}  // namespace

bool walkable(const query::Order& order) {
    return order.size() == 1 && (order.front().field == query::Field::updated_at ||
                                 order.front().field == query::Field::entity);
}

Read walk_sql(const query::ListRequest& request, const std::optional<query::Place>& after,
              std::int64_t steps, const query::Filter& part, std::int64_t limit) {
    Read read = begin(request);
    const std::string last = number(read.params, steps);
    const bool by_entity = request.order.front().field == query::Field::entity;
    const std::string source =
        stretch(request, after, last, part, read.params) +
        (by_entity ? " CROSS JOIN LATERAL (SELECT h.external_id, h.entity_type, h.created_at) e"
                   : fmt::format(kJoin, "h"));
    const std::string filter = filter_sql(request.filter, FilterForm::scan, read.params);
    const std::string key = key_sql(request.order.front(), read.params);
    read.sql = fmt::format(
        "SELECT {0}, h.n, h.found, CASE WHEN h.n = {1} THEN coalesce({2}, false) ELSE true END, "
        "({3})::text "
        "FROM {4} WHERE {2} OR h.n = {1} ORDER BY {5} LIMIT {6}",
        columns("h", "e"), last, filter, key, source,
        by_entity ? fmt::format("h.external_id{}", request.order.front().descending ? " DESC" : "")
        : request.order.front().descending ? "h.updated_at DESC, h.entity_id"
                                           : "h.updated_at, h.entity_id DESC",
        number(read.params, limit));
    return read;
}

Read search_sql(const query::ListRequest& request, const std::optional<query::Place>& after,
                std::int64_t limit) {
    Read read = begin(request);
    const bool join_first = uses_entities(request.filter) || order_uses_entities(request.order);
    std::string keys;
    std::string texts;
    for (std::size_t i = 0; i < request.order.size(); ++i) {
        keys += fmt::format(", {} AS k{}", key_sql(request.order[i], read.params), i);
        texts += fmt::format(", w.k{}::text", i);
    }
    const std::string filter = filter_sql(request.filter, FilterForm::index, read.params);
    const std::string found = fmt::format(
        "SELECT h.entity_id, h.hot_attrs, h.hot_at, h.updated_at, h.last_day{}{} FROM "
        "public.entity_jsonb h{} WHERE h.tenant_id = $1 AND NOT h.is_deleted AND {}{} OFFSET 0",
        join_first ? ", e.external_id, e.entity_type, e.created_at" : "", keys,
        join_first ? fmt::format(kJoin, "h") : "", filter,
        condition_after(request, after, read.params));
    const std::string sorted = order_by_columns(request.order, "s");
    const std::string page = fmt::format("SELECT * FROM ({}) s ORDER BY {} LIMIT {}", found, sorted,
                                         number(read.params, limit));
    read.sql = fmt::format("SELECT {}, 0::bigint, 0::bigint, true{} FROM ({}) w{} ORDER BY {}",
                           columns("w", join_first ? "w" : "e"), texts, page,
                           join_first ? "" : fmt::format(kJoin, "w"),
                           order_by_columns(request.order, "w"));
    return read;
}

Read fleet_sql(const query::ListRequest& request, EntityId from, std::int64_t limit) {
    Read read = begin(request);
    const std::string filter = filter_sql(request.filter, FilterForm::index, read.params);
    const std::string first = number(read.params, from.value);
    read.sql = fmt::format(
        "SELECT h.entity_id, e.external_id FROM public.entity_jsonb h{} WHERE h.tenant_id = $1 AND "
        "NOT h.is_deleted AND {} AND h.entity_id >= {} ORDER BY h.entity_id LIMIT {}",
        fmt::format(kJoin, "h"), filter, first, number(read.params, limit));
    return read;
}

Read size_sql(const query::ListRequest& request) {
    Read read = begin(request);
    read.sql =
        "EXPLAIN SELECT FROM public.entity_jsonb h WHERE h.tenant_id = $1::bigint AND NOT "
        "h.is_deleted";
    read.name = "read_tenant_size";
    return read;
}

Read count_sql(const query::ListRequest& request) {
    Read read = begin(request);
    const std::string filter = filter_sql(request.filter, FilterForm::index, read.params);
    read.sql = fmt::format(
        "SELECT count(*) FROM public.entity_jsonb h{} WHERE h.tenant_id = $1 AND NOT h.is_deleted "
        "AND {}",
        uses_entities(request.filter) ? fmt::format(kJoin, "h") : "", filter);
    return read;
}

Read sample_sql(const query::ListRequest& request, std::int64_t sample) {
    Read read = begin(request);
    const std::string limit = number(read.params, sample);
    const std::string filter = filter_sql(request.filter, FilterForm::scan, read.params);
    read.sql = fmt::format(
        "SELECT count(*), count(*) FILTER (WHERE {}) FROM (SELECT h.entity_id, h.hot_attrs, "
        "h.updated_at FROM public.entity_jsonb h WHERE h.tenant_id = $1 AND NOT h.is_deleted ORDER "
        "BY h.updated_at DESC, h.entity_id LIMIT {}) h{}",
        filter, limit, uses_entities(request.filter) ? fmt::format(kJoin, "h") : "");
    return read;
}

// The state of a match may have a value under either name of an attribute.
Read facets_sql(const query::FacetsRequest& request) {
    Read read;
    read.params.add(request.tenant.value);
    const std::string filter = filter_sql(request.filter, FilterForm::index, read.params);
    std::vector<std::string_view> names;
    std::vector<std::optional<std::string_view>> others;
    for (const auto& [name, other] : request.attributes) {
        names.emplace_back(name);
        others.push_back(other.empty() ? std::nullopt : std::optional<std::string_view>(other));
    }
    read.params.add_texts(names);
    const std::string name_list = read.params.placeholder();
    read.params.add_texts(others);
    const std::string other_list = read.params.placeholder();
    read.sql = fmt::format(
        "WITH found AS MATERIALIZED (SELECT h.hot_attrs FROM public.entity_jsonb h{} WHERE "
        "h.tenant_id = $1 AND NOT h.is_deleted AND {}), "
        "counted AS (SELECT n.place, v.value, count(*) AS n FROM found f CROSS JOIN "
        "unnest({}::text[], {}::text[]) WITH ORDINALITY n(name, other, place) CROSS JOIN LATERAL "
        "(SELECT coalesce(f.hot_attrs->n.other, f.hot_attrs->n.name)::text COLLATE \"C\" AS value) "
        "v WHERE v.value IS NOT NULL GROUP BY 1, 2), "
        "ranked AS (SELECT c.*, sum(c.n) OVER (PARTITION BY c.place)::bigint AS entities, "
        "row_number() OVER (PARTITION BY c.place ORDER BY c.n DESC, c.value) AS rank FROM counted "
        "c) "
        "SELECT 0::bigint, NULL::text, count(*), 0::bigint, 0::bigint AS rank FROM found UNION ALL "
        "SELECT r.place, r.value, r.n, r.entities, r.rank FROM ranked r WHERE r.rank <= {} "
        "ORDER BY 1, 5",
        uses_entities(request.filter) ? fmt::format(kJoin, "h") : "", filter, name_list, other_list,
        number(read.params, request.limit));
    return read;
}

Read last_observed_sql(TenantId tenant, Day day, std::span<const std::int64_t> ids) {
    Read read;
    read.params.add(tenant.value).add_int8s(ids);
    read.params.add(Time{day}).add(Time{day + std::chrono::days{1}});
    // The range of one entity, besides the equality, keeps the planner to the key where statistics
    // are of a partition's first rows (sql/queries/ingest/read_existing.sql).
    read.sql =
        "SELECT u.id, o.observed_at FROM unnest($2) u(id), LATERAL (SELECT o.observed_at FROM "
        "public.observations o WHERE o.tenant_id = $1 AND o.entity_id = u.id AND "
        "o.entity_id >= u.id AND o.entity_id <= u.id AND "
        "o.observed_at >= $3 AND o.observed_at < $4 ORDER BY o.observed_at DESC LIMIT 1) o";
    return read;
}

}  // namespace atlas::primary
