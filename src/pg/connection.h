// SPDX-License-Identifier: Apache-2.0
//
// One session with PostgreSQL: typed parameters in, rows out, COPY BINARY in.
//
// Lifetime   opened by open(); the destructor closes the socket without waiting for the server.
// Threading  one thread at a time; every call blocks, bounded by the session's statement_timeout
//            and tcp_user_timeout. cancel() may be called from any thread.
#pragma once

#include <libpq-fe.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace atlas::pg {

// What a caller can do about a failure.
enum class ErrorKind : std::uint8_t {
    connection,  // the session is gone; open a new one. Outcome unknown if it was a COMMIT
    retryable,   // lock or statement timeout, deadlock, shutdown, out of resources: try again
    data,        // SQLSTATE class 22, 23 or 54: these very rows are refused
    other,       // a bug or a missing right; repeating fails again
};

struct Error {
    ErrorKind kind = ErrorKind::other;
    std::string sqlstate;    // five characters, empty when the server sent none
    std::string message;     // primary message, one line
    std::string constraint;  // constraint name, empty when there is none
    int statement = 0;       // of a pipeline: which one failed, from 0
};

template <class T>
using Expected = Result<T, Error>;

// Positional parameters $1, $2 …: text format for scalars, binary for the bulk arrays.
class Params {
public:
    Params& add(std::nullptr_t);
    Params& add(int value) { return add(std::int64_t{value}); }
    Params& add(std::int64_t value);
    Params& add(double value);
    Params& add(bool value);
    Params& add(std::string_view text);  // text, or the text form of any type cast in the SQL
    Params& add(const std::string& text) { return add(std::string_view(text)); }
    Params& add(const char* text) { return add(std::string_view(text)); }
    Params& add(Time time);                                       // timestamptz
    Params& add_int8s(std::span<const std::int64_t> values);      // bigint[]
    Params& add_int4s(std::span<const std::int32_t> values);      // integer[]
    Params& add_times(std::span<const Time> values);              // timestamptz[]
    Params& add_bools(std::span<const bool> values);              // boolean[]
    Params& add_texts(std::span<const std::string_view> values);  // text[]
    // text[] with NULL where the optional is empty.
    Params& add_texts(std::span<const std::optional<std::string_view>> values);

    int size() const { return static_cast<int>(entries_.size()); }
    // "$3": how SQL refers to the parameter added last.
    std::string placeholder() const { return "$" + std::to_string(size()); }

private:
    friend class Connection;
    struct Entry {
        std::string bytes;
        bool null = false;
        bool binary = false;
        Oid type = 0;
    };
    std::vector<Entry> entries_;
};

// Rows of one statement, in text or binary format as asked for. Cells borrow from the rows.
class Rows {
public:
    explicit Rows(PGresult* result) : result_(result, &PQclear) {}

    int size() const { return PQntuples(result_.get()); }
    bool empty() const { return size() == 0; }
    int columns() const { return PQnfields(result_.get()); }
    std::int64_t affected() const;  // rows that an INSERT, UPDATE or DELETE touched
    bool is_null(int row, int column) const { return PQgetisnull(result_.get(), row, column) != 0; }
    std::string_view text(int row, int column) const;  // raw bytes in the binary format
    // Readers of the text format.
    std::int64_t int8(int row, int column) const;
    double float8(int row, int column) const;
    bool boolean(int row, int column) const { return text(row, column) == "t"; }
    PGresult* raw() const { return result_.get(); }

private:
    std::unique_ptr<PGresult, void (*)(PGresult*)> result_;
};

struct SessionSettings {
    std::chrono::milliseconds connect_timeout{5000};
    std::chrono::milliseconds statement_timeout{10000};
    std::chrono::milliseconds lock_timeout{4000};
    std::chrono::milliseconds idle_in_transaction_timeout{10000};
    std::chrono::milliseconds tcp_user_timeout{10000};
    std::string application_name = "atlas";
    bool force_custom_plans = true;  // partitions are pruned by the values of parameters
};

class Connection {
public:
    // Opens a session on `conninfo` (URI or keywords) with UTF8, UTC, JIT off and the settings.
    static Expected<Connection> open(const std::string& conninfo, const SessionSettings& settings);

    enum class Format : std::uint8_t { text, binary };

    // Runs one statement. Anything but success leaves the session usable unless kind=connection.
    Expected<Rows> exec(std::string_view sql, const Params& params = {},
                        Format format = Format::text);
    // Runs a script of several statements without parameters; the rows of the last one.
    Expected<Rows> exec_script(std::string_view sql);

    // Sends all statements at once and reads their answers: one round trip, one transaction
    // (outside of an explicit one). A statement with a name is prepared once per session and then
    // executed by it. Fails with the first failure; nothing after it was executed.
    struct Statement {
        std::string_view sql;
        const Params* params = nullptr;  // none: no parameters
        Format format = Format::text;
        std::string_view name = {};  // the same name always means the same text
        bool stream = false;         // its rows go to on_row
    };
    Expected<std::vector<Rows>> exec_pipeline(std::span<const Statement> statements);
    // The same, but the rows of statements with `stream` are handed out one by one, as one-row
    // results, while they arrive: memory stays flat unless `on_row` moves them away. It returns
    // false to stop: what is left, later statements included, is cancelled. The result has the rows
    // of all other statements that were executed.
    Expected<std::vector<Rows>> exec_pipeline(std::span<const Statement> statements,
                                              const std::function<bool(const Rows&)>& on_row);

    // COPY BINARY: begin with "COPY t (…) FROM STDIN (FORMAT binary)", put bytes any number of
    // times, end. The caller writes header, tuples and trailer (pg/copy_binary.h). Returns the
    // number of rows. After a failure of any of them the session is back in its transaction.
    Expected<void> copy_begin(std::string_view sql);
    Expected<void> copy_put(std::string_view bytes);
    Expected<std::int64_t> copy_end();
    void copy_abort(const char* reason);

    // Asks the server to cancel what runs. Any thread. False when the request could not be sent.
    bool cancel();

    bool usable() const;  // the socket is believed to be open
    bool in_transaction() const;
    int server_version() const;  // 150018 for 15.18
    PGconn* raw() const { return connection_.get(); }

private:
    explicit Connection(PGconn* connection) : connection_(connection, &PQfinish) {}
    bool send(const Statement& statement);
    std::unique_ptr<PGconn, void (*)(PGconn*)> connection_;
    std::set<std::string, std::less<>> prepared_;  // names of the session's prepared statements
};

}  // namespace atlas::pg
