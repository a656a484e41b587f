// SPDX-License-Identifier: Apache-2.0
#include "pg/connection.h"

#include <fmt/format.h>

#include <array>

#include "pg/bound_params.h"
#include "pg/failure.h"

namespace atlas::pg {
namespace {

bool succeeded(const PGresult* result) {
    const auto status = PQresultStatus(result);
    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY;
}

bool is_copy(const PGresult* result) {
    const auto status = PQresultStatus(result);
    return status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH;
}

// A statement left in COPY state by a caller who did not ask for it is a mistake of ours; the
// session cannot be used before it is ended.
Error refuse_copy(PGconn* connection) {
    PQputCopyEnd(connection, "unexpected COPY");
    while (PGresult* rest = PQgetResult(connection)) {
        const bool stuck = is_copy(rest);
        PQclear(rest);
        if (stuck) break;
    }
    return {.message = "COPY needs copy_begin()"};
}

template <class T>
Expected<T> with_name(Expected<T> outcome, std::string_view name) {
    if (!outcome) outcome.error().statement_name = name;
    return outcome;
}

Expected<Rows> rows_or_error(PGresult* result, PGconn* connection) {
    Rows rows(result);
    if (result != nullptr && is_copy(result)) return failure(refuse_copy(connection));
    if (result == nullptr || !succeeded(result)) return failure(error_of(result, connection));
    return rows;
}

// The `options` that the caller's own conninfo carries, to be kept beside ours.
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
    // Left to itself the server compares costs, and plans many a prepared statement for ever anew.
    options += settings.force_custom_plans ? " -c plan_cache_mode=force_custom_plan"
                                           : " -c plan_cache_mode=force_generic_plan";
    const std::string own = options_of(conninfo);
    return own.empty() ? options : options + " " + own;
}

// The rest of a COPY: the first failure wins, and nothing is left behind in the session.
Expected<std::int64_t> finish_copy(PGconn* connection) {
    Expected<std::int64_t> outcome = 0;
    while (PGresult* result = PQgetResult(connection)) {
        const Rows rows(result);
        if (PQresultStatus(result) == PGRES_COMMAND_OK) {
            if (outcome) outcome = rows.affected();
        } else if (outcome) {
            outcome = failure(error_of(result, connection));
        }
        if (is_copy(result)) break;  // the socket is gone in the middle of the COPY
    }
    if (outcome && PQstatus(connection) == CONNECTION_BAD) {
        return failure(connection_error(connection));
    }
    return outcome;
}

}  // namespace

Expected<Connection> Connection::open(const std::string& conninfo,
                                      const SessionSettings& settings) {
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(settings.connect_timeout).count();
    const std::string connect_timeout = fmt::format("{}", seconds);
    const std::string user_timeout = fmt::format("{}", settings.tcp_user_timeout.count());
    const std::string options = session_options(conninfo, settings);
    // With expand_dbname the conninfo stands for its own keywords; what follows overrides them.
    const std::array<const char*, 7> keywords{"dbname",
                                              "application_name",
                                              "client_encoding",
                                              "connect_timeout",
                                              "tcp_user_timeout",
                                              "options",
                                              nullptr};
    const std::array<const char*, 7> values{conninfo.c_str(),
                                            settings.application_name.c_str(),
                                            "UTF8",
                                            connect_timeout.c_str(),
                                            user_timeout.c_str(),
                                            options.c_str(),
                                            nullptr};
    Connection opened(PQconnectdbParams(keywords.data(), values.data(), 1));
    if (!opened.usable()) return failure(connection_error(opened.raw()));
    PQsetNoticeProcessor(opened.raw(), [](void*, const char*) {}, nullptr);
    return opened;
}

Expected<Rows> Connection::exec(const SqlText& sql, const Params& params, Format format) {
    const BoundParams bound(params);
    PGresult* result = PQexecParams(raw(), std::string(sql.text).c_str(), bound.count(),
                                    bound.types(), bound.values(), bound.lengths(), bound.formats(),
                                    format == Format::binary ? 1 : 0);
    return with_name(rows_or_error(result, raw()), sql.name);
}

Expected<Rows> Connection::exec_script(const SqlText& sql) {
    PGresult* result = PQexec(raw(), std::string(sql.text).c_str());
    return with_name(rows_or_error(result, raw()), sql.name);
}

Expected<void> Connection::copy_begin(const SqlText& sql) {
    copy_name_ = sql.name;
    const Rows rows(PQexec(raw(), std::string(sql.text).c_str()));
    PGresult* result = rows.raw();
    if (result != nullptr && PQresultStatus(result) == PGRES_COPY_IN) return {};
    Error error{.message = "not a COPY FROM STDIN"};
    if (result == nullptr || !succeeded(result)) error = error_of(result, raw());
    error.statement_name = copy_name_;
    return failure(std::move(error));
}

Expected<void> Connection::copy_put(std::string_view bytes) {
    constexpr std::size_t kPiece = std::size_t{1} << 20U;
    while (!bytes.empty()) {
        const std::string_view piece = bytes.substr(0, kPiece);
        if (PQputCopyData(raw(), piece.data(), static_cast<int>(piece.size())) != 1) {
            Error sending = connection_error(raw());
            sending.statement_name = copy_name_;
            PQputCopyEnd(raw(), "sending failed");
            auto ended = with_name(finish_copy(raw()), copy_name_);
            return failure(ended ? std::move(sending) : std::move(ended).error());
        }
        bytes.remove_prefix(piece.size());
    }
    return {};
}

Expected<std::int64_t> Connection::copy_end() {
    if (PQputCopyEnd(raw(), nullptr) != 1) {
        Error sending = connection_error(raw());
        sending.statement_name = copy_name_;
        auto ended = with_name(finish_copy(raw()), copy_name_);
        return failure(ended ? std::move(sending) : std::move(ended).error());
    }
    return with_name(finish_copy(raw()), copy_name_);
}

void Connection::copy_abort(const char* reason) {
    PQputCopyEnd(raw(), reason);
    static_cast<void>(finish_copy(raw()));
}

bool Connection::cancel() {
    PGcancel* request = PQgetCancel(raw());
    if (request == nullptr) return false;
    std::array<char, 256> reason{};
    const bool sent = PQcancel(request, reason.data(), static_cast<int>(reason.size())) == 1;
    PQfreeCancel(request);
    return sent;
}

bool Connection::usable() const {
    return connection_ != nullptr && PQstatus(connection_.get()) == CONNECTION_OK;
}

bool Connection::in_transaction() const {
    return PQtransactionStatus(connection_.get()) != PQTRANS_IDLE;
}

int Connection::server_version() const {
    return PQserverVersion(connection_.get());
}

}  // namespace atlas::pg
