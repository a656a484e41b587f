// SPDX-License-Identifier: Apache-2.0
#include "query/error.h"

#include <fmt/format.h>

namespace atlas::query {

std::string_view to_string(ErrorCode code) {
    switch (code) {
        case ErrorCode::invalid_filter: return "invalid_filter";
        case ErrorCode::unknown_attribute: return "unknown_attribute";
        case ErrorCode::attribute_not_hot: return "attribute_not_hot";
        case ErrorCode::invalid_order_by: return "invalid_order_by";
        case ErrorCode::invalid_page_token: return "invalid_page_token";
        case ErrorCode::invalid_parameter: return "invalid_parameter";
        case ErrorCode::time_range_too_wide: return "time_range_too_wide";
        case ErrorCode::too_much_data: return "too_much_data";
        case ErrorCode::tenant_inactive: return "tenant_inactive";
        case ErrorCode::entity_not_found: return "entity_not_found";
        case ErrorCode::entity_deleted: return "entity_deleted";
        case ErrorCode::invalid_json: return "invalid_json";
        case ErrorCode::unknown_field: return "unknown_field";
        case ErrorCode::invalid_field: return "invalid_field";
        case ErrorCode::sql_not_allowed: return "sql_not_allowed";
        case ErrorCode::invalid_sql: return "invalid_sql";
        case ErrorCode::query_not_found: return "query_not_found";
        case ErrorCode::limit_exceeded: return "query_limit_exceeded";
        case ErrorCode::analytics_unavailable: return "analytics_unavailable";
        case ErrorCode::invalid_consistency_token: return "invalid_consistency_token";
        case ErrorCode::token_from_lost_timeline: return "token_from_lost_timeline";
        case ErrorCode::freshness_not_met: return "freshness_not_met";
        case ErrorCode::not_held: return "not_held";
        case ErrorCode::unavailable: return "database_unavailable";
        case ErrorCode::busy: return "database_busy";
        case ErrorCode::internal: break;
    }
    return "internal";
}

Error parameter_error(std::string parameter, std::string detail) {
    return {.code = ErrorCode::invalid_parameter,
            .detail = std::move(detail),
            .parameter = std::move(parameter)};
}

Error field_error(std::string path, std::string detail) {
    return {.code = ErrorCode::invalid_field,
            .detail = std::move(detail),
            .parameter = std::move(path)};
}

Error invalid_page_token() {
    return {.code = ErrorCode::invalid_page_token,
            .detail =
                "This page token is damaged, or belongs to another list, filter, order or "
                "time range. Start over without it.",
            .parameter = "page_token"};
}

Error invalid_consistency_token(std::string detail) {
    return {.code = ErrorCode::invalid_consistency_token,
            .detail = std::move(detail),
            .parameter = "consistency_token"};
}

Error not_held(std::string detail) {
    return {.code = ErrorCode::not_held, .detail = std::move(detail)};
}

Error entity_not_found(std::string_view entity) {
    return {.code = ErrorCode::entity_not_found,
            .detail = fmt::format("There is no entity {} in this tenant.", entity),
            .parameter = "entity"};
}

Error entity_deleted(std::string_view entity) {
    return {.code = ErrorCode::entity_deleted,
            .detail = fmt::format("{} is retired. Its series stay readable; PUT "
                                  "/v1/entities/<entity> brings it back.",
                                  entity),
            .parameter = "entity"};
}

}  // namespace atlas::query
