// SPDX-License-Identifier: Apache-2.0
#include "http/routes/database_problem.h"

#include "observe/log.h"

namespace atlas::http {

Response problem(const pg::Error& error) {
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
    observe::log_error("statement failed: {}", pg::describe(error));
    return problem("internal", 500, "Internal error", "Internal error; see the server log.");
}

}  // namespace atlas::http
