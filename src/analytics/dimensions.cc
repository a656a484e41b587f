// SPDX-License-Identifier: Apache-2.0
#include "analytics/store.h"

namespace atlas::analytics {
namespace {

using Kind = DimensionColumn::Kind;

constexpr DimensionColumn kTenants[] = {{"tenant_id", Kind::int64, true},
                                        {"tenant_name", Kind::text},
                                        {"created_at", Kind::time},
                                        {"is_active", Kind::boolean}};
constexpr DimensionColumn kAttributes[] = {{"attribute_id", Kind::int64, true},
                                           {"attribute_name", Kind::text},
                                           {"data_type", Kind::text},
                                           {"is_hot", Kind::boolean},
                                           {"created_at", Kind::time},
                                           {"type", Kind::text},
                                           {"category", Kind::text}};
constexpr DimensionColumn kTenantAttributes[] = {
    {"tenant_id", Kind::int64, true}, {"attribute_id", Kind::int64, true},
    {"name_id", Kind::int64},         {"type", Kind::text},
    {"is_hot", Kind::boolean},        {"unit", Kind::text},
    {"description", Kind::text},      {"category", Kind::text},
    {"created_at", Kind::time},       {"state", Kind::text},
    {"continues", Kind::int64},       {"newer", Kind::int_array},
    {"read_as", Kind::text}};
constexpr DimensionColumn kEntities[] = {
    {"entity_id", Kind::int64, true}, {"tenant_id", Kind::int64},    {"entity_type", Kind::text},
    {"created_at", Kind::time},       {"is_deleted", Kind::boolean}, {"external_id", Kind::text}};
constexpr DimensionColumn kEntityJsonb[] = {{"tenant_id", Kind::int64, true},
                                            {"entity_id", Kind::int64, true},
                                            {"hot_attrs", Kind::json},
                                            {"is_deleted", Kind::boolean}};

}  // namespace

std::span<const DimensionColumn> dimension_columns(stream::Table table) {
    switch (table) {
        case stream::Table::tenants: return kTenants;
        case stream::Table::attributes: return kAttributes;
        case stream::Table::tenant_attributes: return kTenantAttributes;
        case stream::Table::entities: return kEntities;
        case stream::Table::entity_jsonb: return kEntityJsonb;
        default: return {};
    }
}

}  // namespace atlas::analytics
