// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>

#include "analytics/questions/hours_sql.h"
#include "analytics/questions/points_sql.h"

namespace atlas::analytics {
namespace {

using model::Type;
using query::AnalyticsRequest;
using query::GroupKey;
using query::Measure;
using query::MeasureKind;

// Attributes that one statement can read together. Those that were retyped are read one by one.
struct ClassKey {
    std::optional<Type> type;
    std::int32_t alone = 0;
    auto operator<=>(const ClassKey&) const = default;
};

bool groups_by(const AnalyticsRequest& request, GroupKey::Kind kind) {
    return std::ranges::any_of(request.groups,
                               [kind](const auto& key) { return key.kind == kind; });
}

bool is_number(Type type) {
    return type == Type::int64 || type == Type::float64 || type == Type::decimal;
}

bool hours_suffice(MeasureKind kind) {
    switch (kind) {
        case MeasureKind::percentile:
        case MeasureKind::approx_percentile:
        case MeasureKind::count_distinct: return false;
        default: return true;
    }
}

Source source_of(const AnalyticsRequest& request, const Unit& unit, bool whole_buckets) {
    if (unit.type == Type::decimal && std::ranges::any_of(unit.measures, [&](std::size_t i) {
            switch (request.measures[i].kind) {
                case MeasureKind::count:
                case MeasureKind::count_entities:
                case MeasureKind::count_distinct:
                case MeasureKind::approx_percentile: return false;
                default: return true;
            }
        })) {
        return Source::values;
    }
    const bool retyped = std::ranges::any_of(
        unit.attributes, [](const auto& attribute) { return !attribute.superseded.empty(); });
    const bool by_sample =
        std::ranges::any_of(request.groups, [](const GroupKey& key) { return key.at_sample; });
    const Hours hours = whole_hours(request.from, request.to);
    const bool text = unit.type && !is_number(*unit.type);
    const bool suffices = std::ranges::all_of(unit.measures, [&](std::size_t i) {
        const MeasureKind kind = request.measures[i].kind;
        if (text || !unit.type || unit.type == Type::decimal) {
            return kind == MeasureKind::count || kind == MeasureKind::count_entities;
        }
        return hours_suffice(kind);
    });
    if (retyped || by_sample || !whole_buckets || !suffices || hours.empty()) {
        return Source::points;
    }
    return Source::rollup;
}

// Entities and distinct values are counted by the store, while what else is asked of ints and
// decimals may have to be measured value by value: then they are a unit of their own.
void split_counts(const AnalyticsRequest& request, std::vector<Unit>& units) {
    const auto by_store = [&request](std::size_t i) {
        const MeasureKind kind = request.measures[i].kind;
        return kind == MeasureKind::count_distinct || kind == MeasureKind::count_entities;
    };
    for (std::size_t i = 0, end = units.size(); i < end; ++i) {
        if (units[i].type != Type::int64 && units[i].type != Type::decimal) continue;
        Unit counts = units[i];
        std::erase_if(counts.measures, [&](std::size_t measure) { return !by_store(measure); });
        if (counts.measures.empty() || counts.measures.size() == units[i].measures.size()) continue;
        std::erase_if(units[i].measures, by_store);
        units.push_back(std::move(counts));
    }
}

}  // namespace

std::string_view to_string(Source source) {
    switch (source) {
        case Source::rollup: return "rollup";
        case Source::points: return "raw";
        case Source::values: break;
    }
    return "values";
}

std::vector<Unit> units_of(const AnalyticsRequest& request, const model::TenantCatalog& catalog) {
    std::map<ClassKey, Unit> units;
    std::map<std::int32_t, Unit> of_one;
    const bool by_name = groups_by(request, GroupKey::Kind::attribute_name);
    const auto key_of = [](const model::Attribute& attribute) {
        return ClassKey{.type = attribute.type,
                        .alone = attribute.superseded.empty() ? 0 : attribute.id.value};
    };
    for (std::size_t i = 0; i < request.measures.size(); ++i) {
        const Measure& measure = request.measures[i];
        if (measure.attribute) {
            Unit& unit = of_one[measure.attribute->id.value];
            unit.attributes = {*measure.attribute};
            unit.type = measure.attribute->type;
            unit.measures.push_back(i);
        } else if (!by_name) {
            units[ClassKey{}].measures.push_back(i);
        } else {
            for (const model::Attribute& attribute : catalog.all()) {
                if (!query::applies(measure.kind, attribute.type)) continue;
                Unit& unit = units[key_of(attribute)];
                unit.type = attribute.type;
                if (unit.measures.empty() || unit.measures.back() != i) unit.measures.push_back(i);
                if (unit.measures.size() == 1) unit.attributes.push_back(attribute);
            }
        }
    }
    const bool whole_buckets = std::ranges::all_of(request.groups, [&](const GroupKey& key) {
        return !key.bucket || buckets_of_hours(*key.bucket, request.from, request.to);
    });
    std::vector<Unit> all;
    all.reserve(units.size() + of_one.size());
    for (auto& [key, unit] : units) all.push_back(std::move(unit));
    for (auto& [key, unit] : of_one) all.push_back(std::move(unit));
    split_counts(request, all);
    for (Unit& unit : all) unit.source = source_of(request, unit, whole_buckets);
    return all;
}

std::vector<PartColumn> parts_of(const AnalyticsRequest& request, const Unit& unit) {
    if (unit.source == Source::values) {
        return {{Part::time}, {Part::int_value}, {Part::double_value}, {Part::text_value}};
    }
    std::vector<PartColumn> parts;
    const auto add = [&parts](Part part, int percent = 0) {
        const PartColumn column{.part = part, .percent = percent};
        if (std::ranges::find(parts, column) == parts.end()) parts.push_back(column);
    };
    const bool ints = unit.type == Type::int64;
    for (const std::size_t i : unit.measures) {
        const Measure& measure = request.measures[i];
        switch (measure.kind) {
            case MeasureKind::avg:
                add(Part::count);
                add(ints ? Part::int_sum : Part::double_sum);
                break;
            case MeasureKind::sum: add(ints ? Part::int_sum : Part::double_sum); break;
            case MeasureKind::min: add(Part::min); break;
            case MeasureKind::max: add(Part::max); break;
            case MeasureKind::count: add(Part::count); break;
            case MeasureKind::first: add(Part::first); break;
            case MeasureKind::last: add(Part::last); break;
            case MeasureKind::percentile:
                add(Part::count);
                add(Part::min);
                add(Part::max);
                add(Part::percentile, measure.percent);
                break;
            case MeasureKind::approx_percentile: add(Part::approx, measure.percent); break;
            case MeasureKind::count_distinct: add(Part::distinct); break;
            case MeasureKind::count_entities: add(Part::entities); break;
        }
    }
    // The catalog may be a moment older than the points; and of a rollup the first and last value
    // are not known where both columns hold some.
    if (unit.type == Type::int64 || unit.type == Type::float64) add(Part::odd);
    return parts;
}

}  // namespace atlas::analytics
