// SPDX-License-Identifier: Apache-2.0
#include "pg/failure.h"

namespace atlas::pg {
namespace {

// libpq's messages are "ERROR:  text\n" or several lines; the first one, bare, is what we show.
std::string first_line(std::string_view message) {
    while (!message.empty() && message.front() == '\n') message.remove_prefix(1);
    std::string line(message.substr(0, message.find('\n')));
    while (!line.empty() && (line.back() == ' ' || line.back() == ':')) line.pop_back();
    return line;
}

std::string field(const PGresult* result, int code) {
    const char* text = PQresultErrorField(result, code);
    return text == nullptr ? std::string{} : std::string(text);
}

ErrorKind kind_of(std::string_view sqlstate) {
    const auto in_class = [sqlstate](std::string_view prefix) {
        return sqlstate.starts_with(prefix);
    };
    if (in_class("08")) return ErrorKind::connection;
    if (in_class("22") || in_class("23") || in_class("54")) return ErrorKind::data;
    // 25006: the server became a standby under us; another try may meet its successor.
    if (in_class("40") || in_class("53") || in_class("57") || sqlstate == "55P03" ||
        sqlstate == "55006" || sqlstate == "25006") {
        return ErrorKind::retryable;
    }
    return ErrorKind::other;
}

}  // namespace

Error connection_error(const PGconn* connection) {
    return {.kind = ErrorKind::connection, .message = first_line(PQerrorMessage(connection))};
}

Error error_of(const PGresult* result, const PGconn* connection) {
    if (result == nullptr) return connection_error(connection);
    Error error{.kind = ErrorKind::other,
                .sqlstate = field(result, PG_DIAG_SQLSTATE),
                .message = field(result, PG_DIAG_MESSAGE_PRIMARY),
                .constraint = field(result, PG_DIAG_CONSTRAINT_NAME)};
    if (error.message.empty()) error.message = first_line(PQresultErrorMessage(result));
    error.kind = kind_of(error.sqlstate);
    const std::string severity = field(result, PG_DIAG_SEVERITY_NONLOCALIZED);
    if (severity == "FATAL" || severity == "PANIC" || PQstatus(connection) == CONNECTION_BAD) {
        error.kind = ErrorKind::connection;
    }
    return error;
}

}  // namespace atlas::pg
