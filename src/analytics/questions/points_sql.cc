// SPDX-License-Identifier: Apache-2.0
#include "analytics/questions/points_sql.h"

#include <fmt/format.h>

#include <algorithm>

#include "analytics/questions/filter_sql.h"
#include "analytics/questions/hours_sql.h"

namespace atlas::analytics {
namespace {

using model::Type;
using query::AnalyticsRequest;
using query::Filter;
using query::GroupKey;

// A decimal without the zeros at its end: equal numbers have equal digits then.
constexpr std::string_view kDigits =
    "CASE WHEN contains({0}.text_value, '.') "
    "THEN rtrim(rtrim({0}.text_value, '0'), '.') ELSE {0}.text_value END";

// The value of a point `alias` as its type reads it; NULL: none.
std::string value_sql(std::optional<Type> type, std::string_view alias) {
    if (!type) {
        return fmt::format(
            "coalesce({0}.int_value IS NOT NULL OR {0}.double_value IS NOT NULL OR "
            "{0}.text_value IS NOT NULL, false)",
            alias);
    }
    switch (*type) {
        case Type::int64:
        case Type::boolean:
        case Type::timestamp: return fmt::format("{}.int_value", alias);
        case Type::float64:
            return fmt::format("coalesce({0}.double_value, CAST({0}.int_value AS DOUBLE))", alias);
        case Type::decimal:
            return fmt::format("coalesce({}, CAST({}.int_value AS VARCHAR))",
                               fmt::format(fmt::runtime(kDigits), alias), alias);
        case Type::string:
        case Type::json: break;
    }
    return fmt::format("{}.text_value", alias);
}

// That a point has a value at all.
std::string present_sql(std::optional<Type> type, std::string_view alias) {
    if (type == Type::int64) {
        return fmt::format("({0}.int_value IS NOT NULL OR {0}.double_value IS NOT NULL)", alias);
    }
    return type ? value_sql(type, alias) + " IS NOT NULL" : value_sql(type, alias);
}

bool retyped(const std::vector<model::Attribute>& attributes) {
    return attributes.size() == 1 && !attributes.front().superseded.empty();
}

// The condition that chooses points, or hours, of some attributes of a tenant under an alias.
std::string of_attributes(const std::vector<model::Attribute>& attributes, TenantId tenant,
                          std::string_view alias, Params& params) {
    const std::string of_tenant = fmt::format("{}.tenant_id = {}", alias, tenant.value);
    if (retyped(attributes)) {
        return fmt::format("{} AND {}.attribute_name = {}", of_tenant, alias,
                           params.add(attributes.front().name));
    }
    if (attributes.empty()) {
        return fmt::format(
            "{} AND {}.attribute_id IN (SELECT storage_id FROM store.attribute_names WHERE "
            "tenant_id = {} AND (state IS NULL OR state <> 'dropped') AND read_as IS NULL)",
            of_tenant, alias, tenant.value);
    }
    std::string ids;
    for (const auto& attribute : attributes) {
        if (!ids.empty()) ids += ", ";
        ids += std::to_string(attribute.id.value);
    }
    return fmt::format("{} AND {}.attribute_id {}", of_tenant, alias,
                       attributes.size() == 1 ? "= " + ids : fmt::format("IN ({})", ids));
}

// FROM and WHERE of the points of some attributes of a tenant, under an alias. A retyped attribute
// is read through the relation that converts what was stored before.
std::string points_where(const std::vector<model::Attribute>& attributes, TenantId tenant,
                         std::string_view alias, Params& params) {
    return fmt::format("{} {} WHERE {}", retyped(attributes) ? "store.readable" : "store.points",
                       alias, of_attributes(attributes, tenant, alias, params));
}

class Composer {
public:
    Composer(const AnalyticsRequest& request, const Unit& unit) : request_(request), unit_(unit) {}

    UnitSql compose() {
        const std::string source = unit_.source == Source::rollup ? rollup() : points();
        std::string groups;
        for (std::size_t i = 0; i < request_.groups.size(); ++i) {
            groups += group(i) + fmt::format(" AS g{}, ", i);
        }
        std::string columns;
        for (const PartColumn& part : parts_of(request_, unit_)) {
            if (!columns.empty()) columns += ", ";
            columns += unit_.source == Source::rollup ? rollup_part(part) : point_part(part);
        }
        std::string sql = with_;
        sql += fmt::format("SELECT {}{} FROM {} p{}", groups, columns, source, joins_);
        if (unit_.source != Source::values && !request_.groups.empty()) {
            sql += " GROUP BY ";
            for (std::size_t i = 0; i < request_.groups.size(); ++i) {
                sql += fmt::format("{}{}", i > 0 ? ", " : "", i + 1);
            }
        }
        // So that of several values at an instant the same one is the first; and see
        // formatted_sql(): the relation of retyped attributes is a UNION ALL.
        const bool ends = std::ranges::any_of(unit_.measures, [this](std::size_t i) {
            const query::MeasureKind kind = request_.measures[i].kind;
            return kind == query::MeasureKind::first || kind == query::MeasureKind::last;
        });
        if (unit_.source == Source::values && (ends || retyped())) sql += " ORDER BY p.entity_id";
        return {.text = std::move(sql), .params = params_.values()};
    }

private:
    bool retyped() const { return analytics::retyped(unit_.attributes); }

    // Only entities that match, if the request has a filter.
    std::string entity_where(std::string_view alias) {
        if (request_.filter.kind == Filter::Kind::everything) return "";
        if (with_.empty()) {
            with_ = fmt::format("WITH matching AS MATERIALIZED ({}) ",
                                matching_entities_sql(request_.tenant, request_.filter, params_));
        }
        return fmt::format(" AND {}.entity_id IN (SELECT entity_id FROM matching)", alias);
    }

    // The id under which a group by the attribute's name finds it again.
    std::string id_sql(std::string_view alias) const {
        return retyped() ? std::to_string(unit_.attributes.front().id.value)
                         : fmt::format("{}.attribute_id", alias);
    }

    std::string points() {
        const std::string where = fmt::format(
            "{} AND {} AND {}{}", points_where(unit_.attributes, request_.tenant, "o", params_),
            sql_between("o", request_.from, request_.to), present_sql(unit_.type, "o"),
            entity_where("o"));
        return fmt::format(
            "(SELECT o.entity_id, {} AS attribute_id, o.observed_at, "
            "epoch_us(o.observed_at) AS us, o.int_value, o.double_value, o.text_value FROM {})",
            id_sql("o"), where);
    }

    std::string rollup() {
        std::string condition = of_attributes(unit_.attributes, request_.tenant, "o", params_);
        condition += entity_where("o");
        return hours_sql(request_.from, request_.to, condition);
    }

    std::string point_part(const PartColumn& part) const {
        const std::string value = value_sql(unit_.type, "p");
        const std::string share = fmt::format("0.{:02}", part.percent);
        switch (part.part) {
            case Part::count: return "count(*)";
            case Part::distinct: return fmt::format("count(DISTINCT {})", value);
            case Part::entities: return "count(DISTINCT p.entity_id)";
            case Part::int_sum: return "sum(p.int_value)";
            case Part::double_sum: return exact_sum(value);
            case Part::min: return fmt::format("min({})", value);
            case Part::max: return fmt::format("max({})", value);
            case Part::first: return fmt::format("arg_min({}, {})", value, place("p.observed_at"));
            case Part::last: return fmt::format("arg_max({}, {})", value, place("p.observed_at"));
            case Part::percentile: return fmt::format("quantile_cont({}, {})", value, share);
            case Part::approx:
                return fmt::format("approx_quantile(TRY_CAST({} AS DOUBLE), {})", value, share);
            case Part::odd:
                return unit_.type == Type::int64 ? "count(p.double_value)" : "CAST(0 AS BIGINT)";
            case Part::time: return "p.us";
            case Part::int_value: return "p.int_value";
            case Part::double_value: return "p.double_value";
            case Part::text_value: break;
        }
        return "p.text_value";
    }

    static std::string exact_sum(std::string_view terms) {
        return fmt::format("struct_extract(atlas_exact_sum({}), 'sum')", terms);
    }

    std::string rollup_part(const PartColumn& part) const {
        const bool ints = unit_.type == Type::int64;
        switch (part.part) {
            case Part::count: return "CAST(sum(p.n) AS BIGINT)";
            case Part::entities: return "count(DISTINCT p.entity_id)";
            case Part::int_sum: return "sum(p.int_sum)";
            case Part::double_sum:
                return fmt::format("coalesce({}, 0) + coalesce(CAST(sum(p.int_sum) AS DOUBLE), 0)",
                                   exact_sum("p.double_sum, p.double_rest"));
            case Part::min:
                return ints ? "min(p.int_min)"
                            : "min(least(p.double_min, CAST(p.int_min AS DOUBLE)))";
            case Part::max:
                return ints ? "max(p.int_max)"
                            : "max(greatest(p.double_max, CAST(p.int_max AS DOUBLE)))";
            case Part::first: return end_sql("min", "first", ints);
            case Part::last: return end_sql("max", "last", ints);
            case Part::odd:
                return ints ? "CAST(sum(p.doubles) AS BIGINT)" : "CAST(sum(p.ints) AS BIGINT)";
            default: break;
        }
        return "NULL";  // no other part is asked of a rollup
    }

    std::string end_sql(std::string_view end, std::string_view which, bool ints) const {
        return fmt::format("arg_{}(p.{}_{}, {})", end, which, ints ? "int" : "double",
                           place(fmt::format("p.{}_at", which)));
    }

    // Of an entity by itself the instant tells its points apart.
    std::string place(std::string_view instant) const {
        const bool apart = std::ranges::any_of(request_.groups, [](const GroupKey& key) {
            return key.kind == GroupKey::Kind::entity;
        });
        return apart ? std::string(instant) : place_sql(instant, "p.entity_id");
    }

    std::string group(std::size_t i) {
        const GroupKey& key = request_.groups[i];
        switch (key.kind) {
            case GroupKey::Kind::attribute_name: return "p.attribute_id";
            case GroupKey::Kind::bucket: return bucket(i);
            case GroupKey::Kind::attribute: return attribute_group(i);
            case GroupKey::Kind::entity:
            case GroupKey::Kind::entity_type: break;
        }
        if (joins_.find(" JOIN store.entities ") == std::string::npos) {
            joins_ += fmt::format(
                " LEFT JOIN store.entities e ON e.tenant_id = {} AND "
                "e.entity_id = p.entity_id",
                request_.tenant.value);
        }
        return key.kind == GroupKey::Kind::entity ? "e.external_id" : "e.entity_type";
    }

    std::string bucket(std::size_t i) {
        const BucketSql sql = bucket_sql(*request_.groups[i].bucket, request_.from, request_.to,
                                         fmt::format("b{}", i));
        joins_ += sql.join;
        return sql.expression;
    }

    std::string attribute_group(std::size_t i) {
        const GroupKey& key = request_.groups[i];
        const std::string value = value_sql(key.attribute->type, "v");
        const std::string where = points_where({*key.attribute}, request_.tenant, "v", params_);
        if (key.at_sample) {
            joins_ += fmt::format(
                " ASOF LEFT JOIN (SELECT v.entity_id, epoch_us(v.observed_at) AS us, {} AS value "
                "FROM {} AND v.observed_at < {}) a{} ON a{}.entity_id = p.entity_id AND "
                "p.us >= a{}.us",
                value, where, sql_instant(request_.to), i, i, i);
        } else {
            joins_ += fmt::format(
                " LEFT JOIN (SELECT v.entity_id, arg_max_null({}, v.observed_at) AS value FROM "
                "{} AND {} GROUP BY v.entity_id) a{} ON a{}.entity_id = p.entity_id",
                value, where, sql_between("v", request_.from, request_.to), i, i);
        }
        return fmt::format("a{}.value", i);
    }

    const AnalyticsRequest& request_;
    const Unit& unit_;
    Params params_;
    std::string with_;
    std::string joins_;
};

}  // namespace

UnitSql unit_sql(const AnalyticsRequest& request, const Unit& unit) {
    return Composer(request, unit).compose();
}

}  // namespace atlas::analytics
