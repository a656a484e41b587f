// SPDX-License-Identifier: Apache-2.0
#include "query/error.h"

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
        case ErrorCode::entity_not_found: return "entity_not_found";
        case ErrorCode::entity_deleted: return "entity_deleted";
        case ErrorCode::database: break;
    }
    return "database";
}

Error database_error(pg::Error cause) {
    // 57014: the statement ran into its timeout.
    if (cause.sqlstate == "57014") {
        return {.code = ErrorCode::too_much_data,
                .detail =
                    "The query took longer than a request may. Ask for a shorter time range, "
                    "fewer entities or attributes, or a narrower filter.",
                .cause = std::move(cause)};
    }
    Error error;
    error.detail = cause.message;
    error.cause = std::move(cause);
    return error;
}

Error parameter_error(std::string parameter, std::string detail) {
    Error error;
    error.code = ErrorCode::invalid_parameter;
    error.detail = std::move(detail);
    error.parameter = std::move(parameter);
    return error;
}

}  // namespace atlas::query
