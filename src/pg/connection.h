// SPDX-License-Identifier: Apache-2.0
//
// One session with PostgreSQL: typed parameters in, rows out, pipelines, COPY BINARY in.
//
//     repositories, readers, writers → [Connection] → libpq → PostgreSQL
//
// Every failure is an Error (pg/error.h) that says what the caller can do and names the statement.
//
// Lifetime   opened by open(); the destructor closes the socket without waiting for the server.
// Threading  one thread at a time; every call blocks, bounded by the session's statement_timeout
//            and tcp_user_timeout. cancel() may be called from any thread.
#pragma once

#include <libpq-fe.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/sql_text.h"
#include "pg/error.h"
#include "pg/params.h"
#include "pg/rows.h"
#include "pg/session.h"

namespace atlas::pg {

class Connection {
public:
    // Opens a session on `conninfo` (URI or keywords) with UTF8, UTC, JIT off and the settings.
    // Blocks for at most connect_timeout per address. Fails with ErrorKind::connection.
    static Expected<Connection> open(const std::string& conninfo, const SessionSettings& settings);

    enum class Format : std::uint8_t { text, binary };

    // Runs one statement. Anything but success leaves the session usable unless kind=connection.
    // A COPY fails with ErrorKind::other; see copy_begin().
    Expected<Rows> exec(const SqlText& sql, const Params& params = {},
                        Format format = Format::text);
    // Runs a script of several statements without parameters; the rows of the last one. Without
    // transaction statements of its own it is one transaction.
    Expected<Rows> exec_script(const SqlText& sql);

    // Sends all statements at once and reads their results: one round trip, one transaction
    // (outside of an explicit one). A statement with a name is prepared once per session and then
    // executed by it. Fails with the first failure; nothing after it was executed.
    struct Statement {
        SqlText sql;
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
    // number of rows. After a failure of any of them the COPY is over and the session is back in
    // its transaction, unless kind=connection.
    Expected<void> copy_begin(const SqlText& sql);
    Expected<void> copy_put(std::string_view bytes);
    Expected<std::int64_t> copy_end();

    // Asks the server to cancel what runs. Any thread. Blocks for a connection of its own to the
    // server; false when the request could not be sent. One that arrives late has no effect.
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
    std::string copy_name_;                        // name of the COPY that runs
};

}  // namespace atlas::pg
