// SPDX-License-Identifier: Apache-2.0
#include "analytics/duckdb/connection.h"

#include <fmt/format.h>

#include "analytics/duckdb/error.h"
#include "analytics/duckdb/watchdog.h"
#include "base/give_way.h"

namespace atlas::analytics::duckdb {

struct OpenDatabase {
    duckdb_database database = nullptr;
    Watchdog watchdog;

    OpenDatabase() = default;
    OpenDatabase(const OpenDatabase&) = delete;
    OpenDatabase& operator=(const OpenDatabase&) = delete;
    ~OpenDatabase() { duckdb_close(&database); }
};

namespace {

// Takes text that DuckDB allocated.
std::string take(char* text) {
    std::string taken = text == nullptr ? "" : text;
    duckdb_free(text);
    return taken;
}

StoreExpected<void> check(duckdb_state state) {
    if (state == DuckDBSuccess) return {};
    return failure(StoreError{.message = "DuckDB refuses the parameter"});
}

StoreError take_error(duckdb_result& result) {
    const char* message = duckdb_result_error(&result);
    StoreError error = make_error(duckdb_result_error_type(&result),
                                  message == nullptr ? "DuckDB gives no reason" : message);
    duckdb_destroy_result(&result);
    return error;
}

}  // namespace

// --- Statement

Statement::Statement(Statement&& other) noexcept
    : connection_(other.connection_), statement_(std::exchange(other.statement_, nullptr)) {
}

Statement::~Statement() {
    if (statement_ != nullptr) duckdb_destroy_prepare(&statement_);
}

std::size_t Statement::parameters() const {
    return duckdb_nparams(statement_);
}

std::optional<std::size_t> Statement::find_parameter(std::string_view name) const {
    idx_t place = 0;
    const std::string text(name);
    if (duckdb_bind_parameter_index(statement_, &place, text.c_str()) != DuckDBSuccess) {
        return std::nullopt;
    }
    return place;
}

duckdb_statement_type Statement::type() const {
    return duckdb_prepared_statement_type(statement_);
}

std::vector<Column> Statement::columns() const {
    std::vector<Column> columns;
    for (idx_t i = 0; i < duckdb_prepared_statement_column_count(statement_); ++i) {
        const char* name = duckdb_prepared_statement_column_name(statement_, i);
        duckdb_logical_type type = duckdb_prepared_statement_column_logical_type(statement_, i);
        columns.push_back(make_column(name == nullptr ? "" : name, type));
        duckdb_free(const_cast<char*>(name));  // NOLINT(cppcoreguidelines-pro-type-const-cast)
        duckdb_destroy_logical_type(&type);
    }
    return columns;
}

StoreExpected<void> Statement::bind(std::size_t place, const Parameter& value) {
    struct Bind {
        duckdb_prepared_statement statement;
        idx_t place;
        duckdb_state operator()(std::monostate) const { return duckdb_bind_null(statement, place); }
        duckdb_state operator()(bool v) const { return duckdb_bind_boolean(statement, place, v); }
        duckdb_state operator()(std::int64_t v) const {
            return duckdb_bind_int64(statement, place, v);
        }
        duckdb_state operator()(double v) const { return duckdb_bind_double(statement, place, v); }
        duckdb_state operator()(const std::string& v) const {
            return duckdb_bind_varchar_length(statement, place, v.data(), v.size());
        }
        duckdb_state operator()(Time v) const {
            return duckdb_bind_timestamp(statement, place, {.micros = to_micros(v)});
        }
    };
    return check(std::visit(Bind{statement_, place}, value));
}

StoreExpected<Rows> Statement::execute(const Limits& limits) {
    std::shared_ptr<Watch> watch = connection_->watch(limits);
    duckdb_pending_result pending = nullptr;
    duckdb_result result{};
    if (duckdb_pending_prepared_streaming(statement_, &pending) != DuckDBSuccess) {
        const char* message = duckdb_pending_error(pending);
        StoreError error = make_error(std::string(message == nullptr ? "" : message));
        duckdb_destroy_pending(&pending);
        return failure(watch ? watch->explain(std::move(error)) : std::move(error));
    }
    const duckdb_state state = duckdb_execute_pending(pending, &result);
    duckdb_destroy_pending(&pending);
    if (state != DuckDBSuccess) {
        StoreError error = take_error(result);
        return failure(watch ? watch->explain(std::move(error)) : std::move(error));
    }
    return Rows(result, std::move(watch));
}

StoreExpected<std::int64_t> Statement::run(const std::vector<Parameter>& values) {
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (auto bound = bind(i + 1, values[i]); !bound) return failure(bound.error());
    }
    StoreExpected<Rows> rows = execute();
    if (!rows) return failure(rows.error());
    return rows->finish();
}

// --- Connection

Connection::Handle::~Handle() {
    duckdb_disconnect(&connection);
}

Connection::~Connection() = default;

StoreExpected<void> Connection::execute(std::string_view sql) {
    const std::string text(sql);
    duckdb_result result{};
    if (duckdb_query(raw(), text.c_str(), &result) != DuckDBSuccess) {
        return failure(take_error(result));
    }
    duckdb_destroy_result(&result);
    return {};
}

StoreExpected<Statement> Connection::prepare(std::string_view sql, const Limits& limits) {
    const std::string text(sql);
    const std::shared_ptr<Watch> watched = watch(limits);
    duckdb_prepared_statement statement = nullptr;
    if (duckdb_prepare(raw(), text.c_str(), &statement) != DuckDBSuccess) {
        const char* message = duckdb_prepare_error(statement);
        StoreError error = make_error(std::string(message == nullptr ? "" : message));
        duckdb_destroy_prepare(&statement);
        return failure(watched ? watched->explain(std::move(error)) : std::move(error));
    }
    return Statement(*this, statement);
}

StoreExpected<Rows> Connection::query(std::string_view sql, const std::vector<Parameter>& values,
                                      const Limits& limits) {
    StoreExpected<Statement> statement = prepare(sql, limits);
    if (!statement) return failure(statement.error());
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (auto bound = statement->bind(i + 1, values[i]); !bound) return failure(bound.error());
    }
    return statement->execute(limits);
}

void Connection::interrupt() const {
    duckdb_interrupt(raw());
}

double Connection::progress() const {
    return duckdb_query_progress(raw()).percentage;
}

std::shared_ptr<Watch> Connection::watch(const Limits& limits) const {
    if (!limits.time && !limits.stop.stop_possible() && !limits.growth) return nullptr;
    return std::make_shared<Watch>(handle_->database->watchdog, limits,
                                   [handle = handle_] { duckdb_interrupt(handle->connection); });
}

// --- Database

StoreExpected<Database> Database::open(const std::string& path, const DatabaseOptions& options) {
    std::vector<std::pair<std::string, std::string>> settings{
        {"memory_limit", fmt::format("{}B", options.memory_bytes)},
        {"threads", std::to_string(options.threads)},
        {"autoinstall_known_extensions", "false"},
        {"autoload_known_extensions", "false"},
        // It materializes all points of a tenant where two branches of a view read them, also where
        // joins let none of them through.
        {"disabled_optimizers", "common_subplan"},
    };
    settings.insert(settings.end(), options.settings.begin(), options.settings.end());

    duckdb_config config = nullptr;
    duckdb_create_config(&config);
    for (const auto& [name, value] : settings) {
        if (duckdb_set_config(config, name.c_str(), value.c_str()) != DuckDBSuccess) {
            duckdb_destroy_config(&config);
            return failure(
                StoreError{.message = fmt::format("DuckDB has no setting {} = '{}'", name, value)});
        }
    }
    auto open = std::make_shared<OpenDatabase>();
    char* message = nullptr;
    // Its threads give way as the one does that starts them.
    const duckdb_state state = giving_way(kNiceness, [&] {
        return duckdb_open_ext(path.empty() ? nullptr : path.c_str(), &open->database, config,
                               &message);
    });
    duckdb_destroy_config(&config);
    if (state != DuckDBSuccess) return failure(make_open_error(take(message)));
    Database database(std::move(open));
    // A setting of the icu extension, which is there once the database is open.
    StoreExpected<Connection> connection = database.connect();
    if (!connection) return failure(connection.error());
    if (auto set = connection->execute("SET GLOBAL TimeZone = 'UTC'"); !set) {
        return failure(set.error());
    }
    return database;
}

StoreExpected<Connection> Database::connect() const {
    auto handle = std::make_shared<Connection::Handle>();
    if (duckdb_connect(open_->database, &handle->connection) != DuckDBSuccess) {
        return failure(
            StoreError{.kind = StoreError::Kind::damaged,
                       .message = "DuckDB refuses a connection; its database is closed"});
    }
    handle->database = open_;
    return Connection(std::move(handle));
}

std::string_view Database::library_version() {
    return duckdb_library_version();
}

}  // namespace atlas::analytics::duckdb
