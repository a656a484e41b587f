// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "query/analytics_request.h"

namespace atlas::query {
namespace {

using model::Type;

bool is_number(Type type) {
    return type == Type::int64 || type == Type::float64 || type == Type::decimal;
}

// The type of a measure's column. Without an attribute numbers of several types meet in one
// column, which holds all their digits as decimals.
Type type_of(const Measure& measure, std::optional<Type> of) {
    switch (measure.kind) {
        case MeasureKind::count:
        case MeasureKind::count_distinct:
        case MeasureKind::count_entities: return Type::int64;
        case MeasureKind::approx_percentile: return Type::float64;
        case MeasureKind::avg:
            if (of == Type::int64) return Type::float64;
            break;
        case MeasureKind::sum:  // of ints: may have more than 64 bits
        case MeasureKind::percentile:
            if (of == Type::int64) return Type::decimal;
            break;
        case MeasureKind::first:
        case MeasureKind::last:
            if (!of) return Type::string;
            break;
        case MeasureKind::min:
        case MeasureKind::max: break;
    }
    return of.value_or(Type::decimal);
}

Answer<const model::Attribute*> find_attribute(const model::TenantCatalog& catalog,
                                               const std::string& name, std::string path) {
    const model::Attribute* attribute = catalog.find(name);
    if (attribute != nullptr) return attribute;
    Error error = unknown_attribute(name);
    error.parameter = std::move(path);
    return failure(std::move(error));
}

Answer<void> bind_measure(Measure& measure, std::size_t i, bool by_attribute,
                          const model::TenantCatalog& catalog) {
    measure.attribute.reset();
    const bool counts =
        measure.kind == MeasureKind::count || measure.kind == MeasureKind::count_entities;
    if (!measure.attribute_name) {
        if (!counts && !by_attribute) {
            return failure(field_error(
                fmt::format("measures[{}].attribute", i),
                fmt::format("measures[{}] needs an attribute, or a group_by {{\"field\": "
                            "\"attribute\"}} that measures every attribute.",
                            i)));
        }
        measure.type = type_of(measure, std::nullopt);
        return {};
    }
    auto attribute =
        find_attribute(catalog, *measure.attribute_name, fmt::format("measures[{}].attribute", i));
    if (!attribute) return failure(std::move(attribute.error()));
    if (!applies(measure.kind, (*attribute)->type)) {
        return failure(field_error(
            fmt::format("measures[{}].agg", i),
            fmt::format("measures[{}].agg cannot be taken of {}, which is a {}: use count, first, "
                        "last, count_distinct or count_entities.",
                        i, (*attribute)->name, model::to_string((*attribute)->type))));
    }
    measure.attribute = **attribute;
    measure.type = type_of(measure, (*attribute)->type);
    return {};
}

Answer<void> bind_group(GroupKey& key, std::size_t i, const model::TenantCatalog& catalog) {
    switch (key.kind) {
        case GroupKey::Kind::bucket: key.type = Type::timestamp; return {};
        case GroupKey::Kind::entity:
        case GroupKey::Kind::entity_type:
        case GroupKey::Kind::attribute_name: key.type = Type::string; return {};
        case GroupKey::Kind::attribute: break;
    }
    auto attribute =
        find_attribute(catalog, key.attribute_name, fmt::format("group_by[{}].attribute", i));
    if (!attribute) return failure(std::move(attribute.error()));
    key.attribute = **attribute;
    key.type = (*attribute)->type;
    return {};
}

Answer<void> check_columns(const AnalyticsRequest& request) {
    std::set<std::string_view> names;
    for (std::size_t i = 0; i < request.groups.size(); ++i) {
        if (names.insert(request.groups[i].name).second) continue;
        return failure(field_error(fmt::format("group_by[{}].name", i),
                                   fmt::format("group_by[{0}].name is the second column named {1}: "
                                               "give it a name of its own.",
                                               i, request.groups[i].name)));
    }
    for (std::size_t i = 0; i < request.measures.size(); ++i) {
        if (names.insert(request.measures[i].name).second) continue;
        return failure(field_error(fmt::format("measures[{}].name", i),
                                   fmt::format("measures[{0}].name is the second column named {1}: "
                                               "give it a name of its own.",
                                               i, request.measures[i].name)));
    }
    return {};
}

// Refuses the names that are no measure, and takes away the meaning that built-in fields have in
// other filters.
Answer<void> check_having(const AnalyticsRequest& request, Filter& filter) {
    if (filter.kind != Filter::Kind::comparison) {
        for (Filter& child : filter.children) {
            if (auto good = check_having(request, child); !good) return good;
        }
        return {};
    }
    filter.comparison.quoted = true;
    if (find_measure(request, filter.comparison.name)) return {};
    return failure(Error{.code = ErrorCode::invalid_filter,
                         .detail = fmt::format("At character {} of having: no measure is named {}.",
                                               filter.comparison.position, filter.comparison.name),
                         .parameter = "having",
                         .position = filter.comparison.position,
                         .expected = "the name of a measure"});
}

// The measures are to `having` what hot attributes are to other filters.
Answer<void> bind_having(AnalyticsRequest& request) {
    if (auto good = check_having(request, request.having); !good) return good;
    std::vector<model::Attribute> measures;
    for (const Measure& measure : request.measures) {
        model::Attribute column;
        column.id = AttributeId{static_cast<std::int32_t>(measures.size()) + 1};
        column.name = measure.name;
        column.type = measure.type;
        column.hot = true;
        measures.push_back(std::move(column));
    }
    const model::TenantCatalog columns(request.tenant, 0, 0, true, std::move(measures));
    auto bound = bind_filter(request.having, columns);
    if (!bound) bound.error().parameter = "having";
    return bound;
}

std::optional<std::size_t> find_column(const AnalyticsRequest& request, std::string_view name) {
    const auto group = std::ranges::find(request.groups, name, &GroupKey::name);
    if (group != request.groups.end()) {
        return static_cast<std::size_t>(group - request.groups.begin());
    }
    const auto measure = find_measure(request, name);
    if (measure) return request.groups.size() + *measure;
    return std::nullopt;
}

Answer<void> bind_columns_order(AnalyticsRequest& request) {
    request.columns_order.clear();
    for (const OrderKey& key : request.order) {
        const auto column = find_column(request, key.name);
        if (!column) {
            return failure(
                Error{.code = ErrorCode::invalid_order_by,
                      .detail = fmt::format("order_by names {}, which is neither a measure nor a "
                                            "column of group_by.",
                                            key.name),
                      .parameter = "order_by"});
        }
        request.columns_order.push_back({.column = *column, .descending = key.descending});
    }
    // What is left is settled by the groups, so that the order is total.
    for (std::size_t i = 0; i < request.groups.size(); ++i) {
        request.columns_order.push_back({.column = i, .descending = false});
    }
    return {};
}

Answer<void> check_buckets(const AnalyticsRequest& request) {
    for (std::size_t i = 0; i < request.groups.size(); ++i) {
        const auto& bucket = request.groups[i].bucket;
        if (!bucket) continue;
        const Time last = bucket->shift(bucket->bucket(request.from).start, kMaxBuckets);
        if (last >= request.to) continue;
        return failure(
            field_error(fmt::format("group_by[{}].bucket", i),
                        fmt::format("group_by[{}].bucket makes more than {} buckets between from "
                                    "and to: use a longer one, or a shorter range.",
                                    i, kMaxBuckets)));
    }
    return {};
}

}  // namespace

std::optional<std::size_t> find_measure(const AnalyticsRequest& request, std::string_view name) {
    const auto found = std::ranges::find(request.measures, name, &Measure::name);
    if (found == request.measures.end()) return std::nullopt;
    return static_cast<std::size_t>(found - request.measures.begin());
}

bool applies(MeasureKind kind, Type type) {
    switch (kind) {
        case MeasureKind::count:
        case MeasureKind::first:
        case MeasureKind::last:
        case MeasureKind::count_distinct:
        case MeasureKind::count_entities: return true;
        case MeasureKind::min:
        case MeasureKind::max: return is_number(type) || type == Type::timestamp;
        case MeasureKind::avg:
        case MeasureKind::sum:
        case MeasureKind::percentile:
        case MeasureKind::approx_percentile: break;
    }
    return is_number(type);
}

Answer<void> bind(AnalyticsRequest& request, const model::TenantCatalog& catalog) {
    const bool by_attribute = std::ranges::any_of(request.groups, [](const GroupKey& key) {
        return key.kind == GroupKey::Kind::attribute_name;
    });
    for (std::size_t i = 0; i < request.measures.size(); ++i) {
        auto bound = bind_measure(request.measures[i], i, by_attribute, catalog);
        if (!bound) return bound;
    }
    for (std::size_t i = 0; i < request.groups.size(); ++i) {
        if (auto bound = bind_group(request.groups[i], i, catalog); !bound) return bound;
    }
    if (auto good = check_columns(request); !good) return good;
    if (auto good = check_buckets(request); !good) return good;
    if (auto bound = bind_having(request); !bound) return bound;
    if (auto bound = bind_columns_order(request); !bound) return bound;
    return bind_filter(request.filter, catalog);
}

}  // namespace atlas::query
