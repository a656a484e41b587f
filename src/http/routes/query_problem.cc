// SPDX-License-Identifier: Apache-2.0
#include "http/routes/query_problem.h"

#include "base/json_writer.h"
#include "observe/log.h"

namespace atlas::http {
namespace {

using query::ErrorCode;

std::string json_text(std::string_view text) {
    std::string json;
    append_json_string(json, text);
    return json;
}

std::string_view title_of(ErrorCode code) {
    switch (code) {
        case ErrorCode::invalid_filter: return "Invalid filter";
        case ErrorCode::unknown_attribute: return "Unknown attribute";
        case ErrorCode::attribute_not_hot: return "Attribute is not hot";
        case ErrorCode::invalid_order_by: return "Invalid order";
        case ErrorCode::invalid_page_token: return "Invalid page token";
        case ErrorCode::invalid_parameter: return "Invalid parameter";
        case ErrorCode::time_range_too_wide: return "Time range too wide";
        case ErrorCode::too_much_data: return "Too much data";
        case ErrorCode::tenant_inactive: return "Tenant inactive";
        case ErrorCode::entity_not_found: return "Entity not found";
        case ErrorCode::entity_deleted: return "Entity retired";
        case ErrorCode::invalid_json: return "Unreadable body";
        case ErrorCode::unknown_field: return "Unknown field";
        case ErrorCode::invalid_field: return "Invalid field";
        case ErrorCode::sql_not_allowed: return "SQL not allowed";
        case ErrorCode::invalid_sql: return "Invalid SQL";
        case ErrorCode::query_not_found: return "Query not found";
        case ErrorCode::limit_exceeded: return "Query limit exceeded";
        case ErrorCode::analytics_unavailable: return "Analytics unavailable";
        case ErrorCode::invalid_consistency_token: return "Invalid consistency token";
        case ErrorCode::token_from_lost_timeline: return "Token from a lost timeline";
        case ErrorCode::freshness_not_met: return "Freshness not met";
        case ErrorCode::not_held: return "Not held by any source";
        case ErrorCode::unavailable: return "Database unavailable";
        case ErrorCode::busy: return "Database busy";
        case ErrorCode::internal: break;
    }
    return "Internal error";
}

int status_of(ErrorCode code) {
    switch (code) {
        case ErrorCode::tenant_inactive: return 403;
        case ErrorCode::entity_not_found:
        case ErrorCode::query_not_found:
        case ErrorCode::entity_deleted: return 404;
        case ErrorCode::limit_exceeded: return 422;
        case ErrorCode::token_from_lost_timeline: return 409;
        case ErrorCode::freshness_not_met: return 412;
        case ErrorCode::not_held:
        case ErrorCode::unavailable:
        case ErrorCode::analytics_unavailable:
        case ErrorCode::busy: return 503;
        case ErrorCode::internal: return 500;
        default: return 400;
    }
}

// What of the request is at fault: a query parameter, a field of its body, or a limit.
std::string_view member_of(ErrorCode code) {
    switch (code) {
        case ErrorCode::unknown_field:
        case ErrorCode::invalid_field: return "field";
        case ErrorCode::limit_exceeded: return "limit";
        default: return "parameter";
    }
}

// The freshest that could be had, member by member as far as it is known.
void add_best(ProblemMembers& members, const query::Snapshot& best, query::TokenDesk& tokens) {
    members.emplace_back("source", json_text(best.source));
    std::string lag;
    JsonWriter json(lag);
    best.lag ? json.value(std::chrono::duration<double>(*best.lag).count()) : json.null();
    members.emplace_back("lag_seconds", lag);
    if (best.as_of == Time{}) return;
    std::string as_of;
    JsonWriter(as_of).value(best.as_of);
    members.emplace_back("as_of", as_of);
    members.emplace_back("consistency_token", json_text(tokens.issue(best.position)));
}

}  // namespace

Response problem(const query::Error& error, const Request& request, query::TokenDesk* tokens) {
    if (error.code == ErrorCode::internal) {
        observe::log_error("request {}: {}", request.request_id, error.detail);
        return internal_problem(request.request_id);
    }
    ProblemMembers members;
    if (!error.parameter.empty()) {
        members.emplace_back(member_of(error.code), json_text(error.parameter));
    }
    if (error.position) members.emplace_back("position", std::to_string(*error.position));
    if (!error.expected.empty()) members.emplace_back("expected", json_text(error.expected));
    if (tokens != nullptr && error.wanted) {
        members.emplace_back("wanted", json_text(tokens->issue(*error.wanted)));
    }
    if (tokens != nullptr && error.best) add_best(members, *error.best, *tokens);
    Response response = problem(query::to_string(error.code), status_of(error.code),
                                title_of(error.code), error.detail, members);
    return query::is_retryable(error.code) ? with_retry_after(std::move(response)) : response;
}

}  // namespace atlas::http
