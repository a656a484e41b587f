// SPDX-License-Identifier: Apache-2.0
//
// DuckDB as C++: a database (a file that this process has open), its connections, their statements.
//
//     Database ─► Connection ─► Statement ─► Rows (result.h)
//                      └──────► Appender (appender.h)
//
// A statement can be limited in time and cancelled from any thread; its memory is bounded by the
// database's limit.
//
// Lifetime   a connection may outlive the Database object: the file is closed when the last one is
//            gone. A connection outlives its statements, rows and appenders. A database has to be
//            closed before main() returns: in exit handlers and destructors of statics the
//            library's thread-local data is gone, and closing corrupts the heap (1.5.5).
// Errors     StoreError. After an error inside a transaction: roll back and repeat it whole; COMMIT
//            of such a transaction reports success and has rolled back (DuckDB 1.5).
// Threading  a database: any thread. A connection and what it made: one thread at a time,
//            interrupt() from any. Connections of one database work at the same time.
#pragma once

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <duckdb.h>

#include "analytics/duckdb/result.h"
#include "analytics/store.h"
#include "base/time.h"

namespace atlas::analytics::duckdb {

// When a statement has to end before it is complete: `limit_time`, `cancelled`, or `limit_memory`.
// They count until the last row is read, and are noticed between two chunks of rows.
struct Limits {
    std::optional<std::chrono::milliseconds> time = {};
    std::stop_token stop = {};
    // By how many bytes the process may grow while it runs: what the database's limit does not
    // count, such as texts that functions make.
    std::optional<std::uint64_t> growth = {};
};

// A parameter of a statement. A string is bound as VARCHAR, a Time as TIMESTAMP in UTC.
using Parameter = std::variant<std::monostate, bool, std::int64_t, double, std::string, Time>;

class Connection;
class Watchdog;
struct OpenDatabase;

class Statement {
public:
    Statement(Statement&& other) noexcept;
    Statement& operator=(Statement&&) = delete;
    ~Statement();

    std::size_t parameters() const;
    // The place of a named one ($name), from 1; nullopt: it has none of that name.
    std::optional<std::size_t> find_parameter(std::string_view name) const;
    duckdb_statement_type type() const;
    // The columns that it will return, known before it runs.
    std::vector<Column> columns() const;

    // Places count from 1. What was bound stays until it is bound again.
    StoreExpected<void> bind(std::size_t place, const Parameter& value);

    // Runs it; the rows come as they are found. Blocks until the first ones are there.
    StoreExpected<Rows> execute(const Limits& limits = {});
    // Binds all, runs it to its end: the rows that it changed.
    StoreExpected<std::int64_t> run(const std::vector<Parameter>& values = {});

private:
    friend class Connection;
    Statement(Connection& connection, duckdb_prepared_statement statement)
        : connection_(&connection), statement_(statement) {}

    Connection* connection_;
    duckdb_prepared_statement statement_;
};

class Connection {
public:
    Connection(Connection&& other) noexcept = default;
    Connection& operator=(Connection&& other) noexcept = default;
    ~Connection();

    // Runs a text of one or more statements to their end, without parameters. Stops at the first
    // that fails.
    StoreExpected<void> execute(std::string_view sql);
    // One statement. While it is compiled the limits are noticed between some of the steps alone.
    StoreExpected<Statement> prepare(std::string_view sql, const Limits& limits = {});
    // prepare(), bind() and execute() in one.
    StoreExpected<Rows> query(std::string_view sql, const std::vector<Parameter>& values = {},
                              const Limits& limits = {});

    // Ends the statement that runs, if any: it fails as `cancelled`.
    void interrupt() const;
    // Of the statement that runs: 0 to 100; negative: not known.
    double progress() const;

    duckdb_connection raw() const { return handle_->connection; }

private:
    friend class Database;
    friend class Statement;
    struct Handle {
        std::shared_ptr<OpenDatabase> database;
        duckdb_connection connection = nullptr;
        ~Handle();
    };
    explicit Connection(std::shared_ptr<Handle> handle) : handle_(std::move(handle)) {}
    std::shared_ptr<Watch> watch(const Limits& limits) const;

    std::shared_ptr<Handle> handle_;
};

// By how much questions give way to writes where processors are short, and the threads of the
// store.
inline constexpr int kNiceness = 5;

struct DatabaseOptions {
    std::uint64_t memory_bytes = std::uint64_t{512} << 20;
    unsigned threads = 1;
    std::vector<std::pair<std::string, std::string>> settings = {};  // further ones of DuckDB
};

class Database {
public:
    // Opens or creates a file; an empty path: in memory. Extensions are neither downloaded nor
    // loaded by themselves.
    // Errors     damaged: the file is not DuckDB's, of a later version, or broken. unavailable:
    //            another process has it open, or it cannot be read.
    static StoreExpected<Database> open(const std::string& path, const DatabaseOptions& options);

    StoreExpected<Connection> connect() const;
    // Expires when the file is closed: with this object and the last connection.
    std::weak_ptr<const void> handle() const { return open_; }
    static std::string_view library_version();  // "v1.5.5"

private:
    explicit Database(std::shared_ptr<OpenDatabase> open) : open_(std::move(open)) {}
    std::shared_ptr<OpenDatabase> open_;
};

}  // namespace atlas::analytics::duckdb
