// SPDX-License-Identifier: Apache-2.0
//
// Pipeline mode of libpq: every statement and one sync are sent, then the results come in order,
// those of each statement ended by a null. After a failure the server skips everything up to the
// sync, and the result of a skipped statement is PGRES_PIPELINE_ABORTED.
#include <optional>

#include "pg/bound_params.h"
#include "pg/connection.h"
#include "pg/failure.h"

namespace atlas::pg {
namespace {

constexpr std::string_view kQueryCancelled = "57014";
constexpr int kSkippedRows = 2000;

bool good(const PGresult* result) {
    const auto status = PQresultStatus(result);
    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_SINGLE_TUPLE;
}

std::string_view name_of(const Connection::Statement& statement) {
    return statement.sql.name.empty() ? statement.name : statement.sql.name;
}

// Reads results until the pipeline is in step again; the first failure is the one that counts.
class Results {
public:
    explicit Results(Connection& connection) : connection_(connection) {}

    void begin(int statement) { statement_ = statement; }

    // All results of the next statement. The last complete one is returned.
    std::optional<Rows> next(const std::function<bool(const Rows&)>* on_row) {
        if (on_row != nullptr) PQsetSingleRowMode(connection_.raw());
        std::optional<Rows> rows;
        while (PGresult* result = PQgetResult(connection_.raw())) {
            Rows part(result);
            if (!good(result)) {
                note(result);
                if (PQstatus(connection_.raw()) == CONNECTION_BAD) break;
            } else if (on_row != nullptr && PQresultStatus(result) == PGRES_SINGLE_TUPLE) {
                hand_out(part, *on_row);
            } else {
                rows = std::move(part);
            }
        }
        return rows;
    }

    void sync() {
        while (PGresult* result = PQgetResult(connection_.raw())) {
            const bool end = PQresultStatus(result) == PGRES_PIPELINE_SYNC;
            if (!end) note(result);
            PQclear(result);
            if (end || PQstatus(connection_.raw()) == CONNECTION_BAD) break;
        }
        if (PQexitPipelineMode(connection_.raw()) != 1 && !error_) {
            error_ = connection_error(connection_.raw());
        }
    }

    std::optional<Error>& error() { return error_; }

private:
    void note(const PGresult* result) {
        if (error_ || PQresultStatus(result) == PGRES_PIPELINE_ABORTED) return;
        Error error = error_of(result, connection_.raw());
        if (stopped_ && error.sqlstate == kQueryCancelled) return;
        error.statement = statement_;
        error_ = std::move(error);
    }

    // After the caller has stopped, a few rows that are under way cost less than a cancel, which
    // needs a connection of its own and ends later statements as well.
    void hand_out(const Rows& row, const std::function<bool(const Rows&)>& on_row) {
        if (!stopped_) {
            stopped_ = !on_row(row);
        } else if (++skipped_ == kSkippedRows) {
            connection_.cancel();
        }
    }

    Connection& connection_;
    int statement_ = 0;  // whose results come
    std::optional<Error> error_;
    bool stopped_ = false;
    int skipped_ = 0;
};

}  // namespace

bool Connection::send(const Statement& statement) {
    const std::string sql(statement.sql.text);
    const std::string name(statement.name);
    static const Params kNone;
    const BoundParams bound(statement.params == nullptr ? kNone : *statement.params);
    const int format = statement.format == Format::binary ? 1 : 0;
    if (name.empty()) {
        return PQsendQueryParams(raw(), sql.c_str(), bound.count(), bound.types(), bound.values(),
                                 bound.lengths(), bound.formats(), format) == 1;
    }
    if (!prepared_.contains(name)) {
        if (PQsendPrepare(raw(), name.c_str(), sql.c_str(), bound.count(), bound.types()) != 1) {
            return false;
        }
        prepared_.insert(name);
    }
    return PQsendQueryPrepared(raw(), name.c_str(), bound.count(), bound.values(), bound.lengths(),
                               bound.formats(), format) == 1;
}

Expected<std::vector<Rows>> Connection::exec_pipeline(std::span<const Statement> statements) {
    return exec_pipeline(statements, nullptr);
}

Expected<std::vector<Rows>> Connection::exec_pipeline(
    std::span<const Statement> statements, const std::function<bool(const Rows&)>& on_row) {
    if (PQenterPipelineMode(raw()) != 1) return failure(connection_error(raw()));
    std::vector<bool> prepares;  // by statement: whether a result of PREPARE comes first
    bool sent = true;
    for (const Statement& statement : statements) {
        prepares.push_back(!statement.name.empty() && !prepared_.contains(statement.name));
        sent = sent && send(statement);
    }
    sent = sent && PQpipelineSync(raw()) == 1;
    if (!sent) return failure(connection_error(raw()));

    Results results(*this);
    std::vector<Rows> all;
    for (std::size_t i = 0; i < statements.size(); ++i) {
        const bool stream = on_row != nullptr && statements[i].stream;
        results.begin(static_cast<int>(i));
        if (prepares[i] && !results.next(nullptr)) {
            prepared_.erase(std::string(statements[i].name));
        }
        auto rows = results.next(stream ? &on_row : nullptr);
        if (rows && !stream) all.push_back(std::move(*rows));
    }
    results.sync();
    if (!results.error()) return all;
    Error error = std::move(*results.error());
    if (!statements.empty()) {
        error.statement_name = name_of(statements[static_cast<std::size_t>(error.statement)]);
    }
    return failure(std::move(error));
}

}  // namespace atlas::pg
