// SPDX-License-Identifier: Apache-2.0
#include "http/routes/database_problem.h"

#include "observe/log.h"

namespace atlas::http {

namespace {

// nullopt where a retry does not help.
std::optional<Response> passing(const pg::Error& error) {
    switch (error.kind) {
        case pg::ErrorKind::connection:
            return with_retry_after(problem("database_unavailable", 503, "Database unavailable",
                                            "The database cannot be reached; retry later."));
        case pg::ErrorKind::retryable:
            return with_retry_after(problem("database_busy", 503, "Database busy",
                                            "The database did not respond in time; retry later."));
        case pg::ErrorKind::data:
        case pg::ErrorKind::other: break;
    }
    return std::nullopt;
}

}  // namespace

Response problem(const pg::Error& error, const Request& request) {
    if (auto response = passing(error)) return *response;
    observe::log_error("request {}: statement failed: {}", request.request_id, pg::describe(error));
    return internal_problem(request.request_id);
}

Response credentials_problem(const pg::Error& error) {
    if (auto response = passing(error)) return *response;
    observe::log_error("verifying credentials failed: {}", pg::describe(error));
    return problem("internal", 500, "Internal error",
                   "Internal error while verifying credentials.");
}

}  // namespace atlas::http
