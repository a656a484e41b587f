// SPDX-License-Identifier: Apache-2.0
#include "pg/connection.h"

#include <array>

#include "pg/bound_params.h"
#include "pg/connect.h"
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

// The rest of a COPY: the first failure is returned, and no result is left in the session.
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
    Connection opened(connect(conninfo, settings, SessionMode::statements));
    if (!opened.usable()) return failure(connection_error(opened.raw()));
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
