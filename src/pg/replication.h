// SPDX-License-Identifier: Apache-2.0
//
// A session that follows the log of a database: PostgreSQL's streaming replication protocol with
// logical decoding by pgoutput. Carries bytes and positions; what the bytes mean is for the reader.
//
//     publication, slot → walsender → [ReplicationSession] → decoder
//                              ▲             │
//                              └── status ───┘  how far the log is applied
//
// The protocol in short. A slot holds back the log from the position that its consumer confirmed,
// so a consumer that starts again gets everything after it, transactions whole and in commit order.
// The server sends log data and, while idle, keepalives. The consumer sends a status at least once
// per wal_sender_timeout of the server (60 s by default), at once when a keepalive requests it: a
// server that hears nothing ends the session. `flushed` of a status confirms the slot, so it must
// name only what is durable with the consumer; the server may delete the log before it. While there
// are no changes the consumer confirms the positions of keepalives, else an idle database would
// hold back the log of its busy neighbours.
// (https://www.postgresql.org/docs/15/protocol-replication.html)
//
// Lifetime   opened by open(); the destructor closes the socket without waiting for the server,
//            which notices and frees the slot for the next session.
// Threading  one thread at a time. Commands block as described; only receive() waits in idleness,
//            and not longer than it is told to.
#pragma once

#include <libpq-fe.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "base/lsn.h"
#include "base/time.h"
#include "pg/error.h"
#include "pg/session.h"

namespace atlas::pg {

// Positions of two servers, or of two timelines of one, cannot be compared.
struct ServerIdentity {
    std::string system_id;  // chosen by initdb, shared by a primary and its standbys
    std::int64_t timeline = 0;
    Lsn flushed;  // the end of the log on disk
};

enum class SlotLifetime : std::uint8_t {
    permanent,  // until it is dropped; holds back the log meanwhile, read or not
    temporary,  // until the session ends, or fails
};

// A piece of the log: one message of the output plugin.
struct LogData {
    Lsn start;               // where it is in the log; zero for one that the plugin inserts
    Time sent_at;            // by the server's clock
    std::string_view bytes;  // borrowed until the next call of receive() or stop()
};

struct Keepalive {
    Lsn end;       // every transaction that committed before it was sent
    Time sent_at;  // by the server's clock
    bool reply_requested = false;
};

using ReplicationMessage = std::variant<LogData, Keepalive>;

// How far the consumer is. Each position is the last byte of the log + 1, as the server counts.
struct ReplicationStatus {
    Lsn written;
    Lsn flushed;  // confirms the slot: nothing before it is sent again
    Lsn applied;
    Time sent_at;  // by the consumer's clock; shown in pg_stat_replication
};

// An option of the output plugin: {"proto_version", "1"}, {"publication_names", "eav_cdc"}.
struct PluginOption {
    std::string_view name;
    std::string_view value;
};

class ReplicationSession {
public:
    // Opens a session in replication mode on the database of `conninfo`, whose role needs the
    // attribute REPLICATION. Blocks for at most connect_timeout per address. Fails with
    // ErrorKind::connection, also when the right is missing or max_wal_senders is reached.
    static Expected<ReplicationSession> open(const std::string& conninfo,
                                             const SessionSettings& settings);

    // These four are not allowed between start() and stop(). The name of a slot has lower-case
    // letters, digits and underscores, at most 63 (42602).

    Expected<ServerIdentity> identify();
    // The text of the timeline's history file: which timelines led to it, and where each ended. The
    // first one has none (58P01).
    Expected<std::string> timeline_history(std::int64_t timeline);
    // Creates a slot with pgoutput, and returns the position from which it follows the log. No
    // snapshot is exported. Blocks until every transaction that was open at the beginning has
    // ended, each for at most lock_timeout: then ErrorKind::retryable, and there is no slot. Other
    // failures: other, when the name is taken (42710), wal_level is not logical, or
    // max_replication_slots is reached (53400 is retryable).
    Expected<Lsn> create_slot(std::string_view name, SlotLifetime lifetime);
    // ErrorKind::retryable while another session uses it (55006), other when there is none (42704).
    Expected<void> drop_slot(std::string_view name);

    // Begins to stream the slot's changes from `from`, or from what was last confirmed when that is
    // later; Lsn{} means the latter. Once per session: PostgreSQL ends a second stream at once, so
    // that is refused. At least one option, as pgoutput requires two. ErrorKind::retryable while
    // another session uses the slot (55006); other when there is none (42704), or the server has
    // deleted its log (55000).
    Expected<void> start(std::string_view slot, Lsn from, std::span<const PluginOption> options);
    // The next message, or nullopt when none arrived within `wait`, or when `wake`, another
    // descriptor, is readable before one arrives. ErrorKind::connection when the server ended the
    // session; every other error is one of decoding: the stream is over, the session takes
    // commands. An unknown publication is 42704. From 18 on the server skips changes then, and only
    // warns: the warning is that error, and ends the session.
    Expected<std::optional<ReplicationMessage>> receive(std::chrono::milliseconds wait,
                                                        int wake = -1);
    // Sends the status; with `request_reply` the server replies by a keepalive. Blocks only while
    // the socket takes no more, bounded by tcp_user_timeout. Fails with ErrorKind::connection.
    Expected<void> send_status(const ReplicationStatus& status, bool request_reply = false);
    // Ends the stream; messages that are still on their way are dropped, and come again to the next
    // session unless confirmed. The server first sends the rest of its current transaction: what
    // takes longer than `wait` ends the session instead, with ErrorKind::connection.
    Expected<void> stop(std::chrono::milliseconds wait);

    bool streaming() const { return streaming_; }
    bool usable() const;  // the socket is believed to be open

private:
    using Deadline = std::chrono::steady_clock::time_point;
    enum class Arrival : std::uint8_t { message, nothing, end };

    explicit ReplicationSession(PGconn* connection) : connection_(connection, &PQfinish) {}
    PGconn* raw() const { return connection_.get(); }
    Expected<Arrival> await(Deadline deadline, int wake = -1);
    Expected<bool> await_readable(Deadline deadline, int wake = -1);
    Expected<void> finish(Deadline deadline);
    Error abandon();
    Error skipped();
    std::optional<Error> refuse_unless_streaming() const;

    std::unique_ptr<PGconn, void (*)(PGconn*)> connection_;
    std::unique_ptr<char, void (*)(void*)> message_{nullptr, &PQfreemem};
    std::size_t message_size_ = 0;
    // What the server warned of in the stream: no changes are to be lost silently. On the heap,
    // because libpq has its address.
    std::unique_ptr<std::optional<Error>> warning_ = std::make_unique<std::optional<Error>>();
    bool started_ = false;
    bool streaming_ = false;
};

}  // namespace atlas::pg
