// SPDX-License-Identifier: Apache-2.0
#include "pg/connect.h"

#include <fmt/format.h>

#include <array>
#include <string_view>

namespace atlas::pg {
namespace {

// What ends a session on the server when its client is gone: one that was killed, even during a
// statement, and one whose machine no longer responds.
constexpr std::string_view kClientGone =
    " -c tcp_user_timeout=10000 -c tcp_keepalives_idle=15 -c tcp_keepalives_interval=5"
    " -c tcp_keepalives_count=3";
// Servers before 14, and those of systems that cannot tell, refuse a session that asks for it.
constexpr std::string_view kClientCheck = " -c client_connection_check_interval=2000";

// The `options` of the caller's own conninfo; they come after ours, and so win.
std::string options_of(const std::string& conninfo) {
    std::string options;
    PQconninfoOption* parsed = PQconninfoParse(conninfo.c_str(), nullptr);
    if (parsed == nullptr) return options;
    for (const PQconninfoOption* option = parsed; option->keyword != nullptr; ++option) {
        if (std::string_view(option->keyword) == "options" && option->val != nullptr) {
            options = option->val;
        }
    }
    PQconninfoFree(parsed);
    return options;
}

std::string session_options(const std::string& conninfo, const SessionSettings& settings) {
    std::string options = fmt::format(
        "-c TimeZone=UTC -c DateStyle=ISO -c IntervalStyle=postgres -c extra_float_digits=1"
        " -c jit=off -c statement_timeout={} -c lock_timeout={}"
        " -c idle_in_transaction_session_timeout={}",
        settings.statement_timeout.count(), settings.lock_timeout.count(),
        settings.idle_in_transaction_timeout.count());
    options.append(kClientGone).append(kClientCheck);
    // By default the server compares costs, and plans many a prepared statement at each execution.
    options += settings.force_custom_plans ? " -c plan_cache_mode=force_custom_plan"
                                           : " -c plan_cache_mode=force_generic_plan";
    const std::string own = options_of(conninfo);
    return own.empty() ? options : options + " " + own;
}

// With expand_dbname the conninfo is read for its own keywords; what follows overrides them.
PGconn* connect_with(const std::string& conninfo, const SessionSettings& settings, SessionMode mode,
                     const std::string& options) {
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(settings.connect_timeout).count();
    const std::string connect_timeout = fmt::format("{}", seconds);
    const std::string user_timeout = fmt::format("{}", settings.tcp_user_timeout.count());
    const std::array<const char*, 8> keywords{
        "dbname",           "application_name", "client_encoding", "connect_timeout",
        "tcp_user_timeout", "options",          "replication",     nullptr};
    const std::array<const char*, 8> values{
        conninfo.c_str(),
        settings.application_name.c_str(),
        "UTF8",
        connect_timeout.c_str(),
        user_timeout.c_str(),
        options.c_str(),
        mode == SessionMode::replication ? "database" : "",  // empty: not sent
        nullptr};
    return PQconnectdbParams(keywords.data(), values.data(), 1);
}

bool refused_for(const PGconn* connection, std::string_view setting) {
    return PQstatus(connection) == CONNECTION_BAD &&
           std::string_view(PQerrorMessage(connection)).find(setting) != std::string_view::npos;
}

}  // namespace

PGconn* connect(const std::string& conninfo, const SessionSettings& settings, SessionMode mode) {
    std::string options = session_options(conninfo, settings);
    PGconn* connection = connect_with(conninfo, settings, mode, options);
    if (refused_for(connection, "client_connection_check_interval")) {
        PQfinish(connection);
        options.erase(options.find(kClientCheck), kClientCheck.size());
        connection = connect_with(conninfo, settings, mode, options);
    }
    PQsetNoticeProcessor(connection, [](void*, const char*) {}, nullptr);
    return connection;
}

}  // namespace atlas::pg
