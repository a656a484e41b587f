// SPDX-License-Identifier: Apache-2.0
#include "primary/database_error.h"

namespace atlas::primary {
namespace {

constexpr std::string_view kQueryCanceled = "57014";

}  // namespace

query::Error database_error(pg::Error cause) {
    if (cause.sqlstate == kQueryCanceled) {
        return {.code = query::ErrorCode::too_much_data,
                .detail =
                    "The query exceeds the time limit. Request a shorter time range, "
                    "fewer entities or attributes, or a narrower filter."};
    }
    switch (cause.kind) {
        case pg::ErrorKind::connection:
            return {.code = query::ErrorCode::unavailable,
                    .detail = "The database cannot be reached; retry later."};
        case pg::ErrorKind::retryable:
            return {.code = query::ErrorCode::busy,
                    .detail = "The database did not respond in time; retry later."};
        case pg::ErrorKind::data:
        case pg::ErrorKind::other: break;
    }
    return {.code = query::ErrorCode::internal, .detail = pg::describe(cause)};
}

}  // namespace atlas::primary
