// SPDX-License-Identifier: Apache-2.0
#include "index/shown.h"

#include <algorithm>

namespace atlas::index {
namespace {

const model::Attribute* renamed(const model::TenantCatalog& catalog, std::string_view name,
                                std::string model::Attribute::* is) {
    for (const model::Attribute* attribute : catalog.renamed()) {
        if (attribute->*is == name) return attribute;
    }
    return nullptr;
}

bool is_dropped(const model::TenantCatalog& catalog, std::string_view name) {
    return std::ranges::find(catalog.dropped(), name) != catalog.dropped().end() &&
           catalog.find(name) == nullptr;
}

bool has(const ColumnView& column, Row row, std::uint64_t version) {
    return column.bits(row, version) != (is_coded(column.form) ? 0 : kAbsent);
}

}  // namespace

Projection::Projection(const View& view, const model::TenantCatalog& catalog,
                       const std::optional<query::NameList>& names)
    : view_(view) {
    if (!names || names->everything) {
        add_all(catalog);
    } else {
        add_named(catalog, names->names);
    }
}

void Projection::add_all(const model::TenantCatalog& catalog) {
    const Table& table = view_.table();
    for (const auto& column : table.columns()) {
        if (is_dropped(catalog, column->name)) continue;
        Source source{.name = column->name, .value = column.get(), .instant = column.get()};
        if (const auto* const now = renamed(catalog, column->name, &model::Attribute::old_name)) {
            source.name = now->name;
            source.unless = table.find(now->name);
            source.other_instant = std::exchange(source.instant, source.unless);
        } else if (const auto* const same =
                       renamed(catalog, column->name, &model::Attribute::name)) {
            source.other_instant = table.find(same->old_name);
        }
        sources_.push_back(std::move(source));
    }
}

void Projection::add_named(const model::TenantCatalog& catalog,
                           const std::vector<std::string>& names) {
    const Table& table = view_.table();
    for (const std::string& requested : names) {
        const model::Attribute* const attribute = catalog.find(requested);
        Source source{.name = attribute == nullptr ? requested : attribute->name};
        source.value = table.find(source.name);
        if (attribute != nullptr && !attribute->old_name.empty()) {
            source.other_value = table.find(attribute->old_name);
        }
        source.instant = source.value;
        source.other_instant = source.other_value;
        sources_.push_back(std::move(source));
    }
}

query::Entity Projection::show(Row row) {
    const std::uint64_t version = view_.number();
    const bool has_state = (view_.flags(row) & kHasState) != 0;
    const std::int64_t created = view_.created(row);
    query::Entity entity{.external_id = std::string(view_.name(row)),
                         .type = std::string(view_.type(row)),
                         .created_at = time_from_micros(created),
                         .updated_at = time_from_micros(has_state ? view_.updated(row) : created)};
    if (!has_state) return entity;
    if (const Newest newest = view_.newest(row); newest.known()) {
        entity.last_observed_at = newest.time();
    }
    entity.values.reserve(sources_.size());
    for (const Source& source : sources_) {
        if (source.unless != nullptr && has(*source.unless, row, version)) continue;
        std::optional<Scalar> value;
        if (source.value != nullptr) value = source.value->value(row, version, scratch_);
        if (!value && source.other_value != nullptr) {
            value = source.other_value->value(row, version, scratch_);
        }
        if (!value) continue;
        std::optional<Time> at;
        if (source.instant != nullptr) at = source.instant->instant(row, version);
        if (!at && source.other_instant != nullptr) {
            at = source.other_instant->instant(row, version);
        }
        entity.values.push_back({source.name, std::string(value->json), at});
    }
    return entity;
}

}  // namespace atlas::index
