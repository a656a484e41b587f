// SPDX-License-Identifier: Apache-2.0
#include "pg/replication.h"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>

#include "base/byte_reader.h"
#include "pg/connect.h"
#include "pg/failure.h"
#include "pg/rows.h"
#include "pg/wire.h"

namespace atlas::pg {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::string_view kStart = "start_replication";
// How long the server may take to say why it ended the stream.
constexpr milliseconds kEndPatience{5'000};

// Commands of this protocol cannot escape a quote in a name. This is the server's own rule for the
// names of slots.
bool is_name(std::string_view text) {
    constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz0123456789_";
    return !text.empty() && text.find_first_not_of(kLetters) == std::string_view::npos;
}

Error bad_name(std::string_view name) {
    return {.sqlstate = "42602",
            .message = fmt::format(
                "the name \"{}\" may have only lower-case letters, digits and underscores", name)};
}

std::string literal(std::string_view text) {
    std::string out = "'";
    for (const char c : text) {
        if (c == '\'') out += c;
        out += c;
    }
    return out + "'";
}

Error unexpected(std::string_view what) {
    return {.message = fmt::format("unexpected {} in the replication protocol", what)};
}

Expected<Rows> command(PGconn* connection, const std::string& text, std::string_view name,
                       ExecStatusType wanted) {
    Rows rows(PQexec(connection, text.c_str()));
    if (rows.raw() != nullptr && PQresultStatus(rows.raw()) == wanted) return rows;
    Error error = error_of(rows.raw(), connection);
    error.statement_name = name;
    return failure(std::move(error));
}

Expected<Lsn> lsn_of(const Rows& rows, int column) {
    if (rows.size() == 1 && rows.columns() > column) {
        if (const auto lsn = parse_lsn(rows.text(0, column))) return *lsn;
    }
    return failure(unexpected("row"));
}

// SQLSTATE of the warning that changes are skipped: object_not_in_prerequisite_state.
constexpr std::string_view kSkipped = "55000";

// libpq calls it in the order of the stream.
void keep_warning(void* place, const PGresult* notice) {
    Error error = error_of(notice, nullptr);
    if (error.sqlstate != kSkipped) return;
    error.kind = ErrorKind::other;
    error.sqlstate = "42704";
    error.statement_name = kStart;
    *static_cast<std::optional<Error>*>(place) = std::move(error);
}

Lsn read_lsn(ByteReader& reader) {
    return {static_cast<std::uint64_t>(reader.int8())};
}

Expected<ReplicationMessage> parse(std::string_view message) {
    ByteReader reader(message);
    const std::uint8_t kind = reader.byte();
    if (kind == 'w') {
        LogData data;
        data.start = read_lsn(reader);
        reader.int8();  // the end of the log, which logical decoding sets to the start
        data.sent_at = time_from_wire(reader.int8());
        data.bytes = reader.bytes(static_cast<std::int64_t>(reader.left()));
        if (reader.good()) return data;
    } else if (kind == 'k') {
        Keepalive keepalive;
        keepalive.end = read_lsn(reader);
        keepalive.sent_at = time_from_wire(reader.int8());
        keepalive.reply_requested = reader.byte() != 0;
        if (reader.at_end()) return keepalive;
    }
    return failure(unexpected("message"));
}

}  // namespace

Expected<ReplicationSession> ReplicationSession::open(const std::string& conninfo,
                                                      const SessionSettings& settings) {
    ReplicationSession opened(connect(conninfo, settings, SessionMode::replication));
    if (!opened.usable()) return failure(connection_error(opened.raw()));
    return opened;
}

bool ReplicationSession::usable() const {
    return connection_ != nullptr && PQstatus(raw()) == CONNECTION_OK;
}

Expected<ServerIdentity> ReplicationSession::identify() {
    const auto rows = command(raw(), "IDENTIFY_SYSTEM", "identify_system", PGRES_TUPLES_OK);
    if (!rows) return failure(rows.error());
    const auto flushed = lsn_of(*rows, 2);
    if (!flushed) return failure(flushed.error());
    return ServerIdentity{.system_id = std::string(rows->text(0, 0)),
                          .timeline = rows->int8(0, 1),
                          .flushed = *flushed};
}

Expected<std::string> ReplicationSession::timeline_history(std::int64_t timeline) {
    const auto rows = command(raw(), fmt::format("TIMELINE_HISTORY {}", timeline),
                              "timeline_history", PGRES_TUPLES_OK);
    if (!rows) return failure(rows.error());
    if (rows->size() != 1 || rows->columns() < 2) return failure(unexpected("row"));
    return std::string(rows->text(0, 1));
}

Expected<Lsn> ReplicationSession::create_slot(std::string_view name, SlotLifetime lifetime) {
    if (!is_name(name)) return failure(bad_name(name));
    const auto rows = command(
        raw(),
        fmt::format("CREATE_REPLICATION_SLOT \"{}\"{} LOGICAL pgoutput (SNAPSHOT 'nothing')", name,
                    lifetime == SlotLifetime::temporary ? " TEMPORARY" : ""),
        "create_replication_slot", PGRES_TUPLES_OK);
    if (!rows) return failure(rows.error());
    return lsn_of(*rows, 1);
}

Expected<void> ReplicationSession::drop_slot(std::string_view name) {
    if (!is_name(name)) return failure(bad_name(name));
    const auto done = command(raw(), fmt::format("DROP_REPLICATION_SLOT \"{}\"", name),
                              "drop_replication_slot", PGRES_COMMAND_OK);
    if (!done) return failure(done.error());
    return {};
}

Expected<void> ReplicationSession::start(std::string_view slot, Lsn from,
                                         std::span<const PluginOption> options) {
    // PostgreSQL does not clear the mark that ended a stream, and would end the next one at once.
    if (started_) return failure(Error{.message = "a session has one stream; open another one"});
    if (!is_name(slot)) return failure(bad_name(slot));
    std::string list;
    for (const PluginOption& option : options) {
        if (!is_name(option.name)) return failure(bad_name(option.name));
        list += fmt::format("{}\"{}\" {}", list.empty() ? "" : ", ", option.name,
                            literal(option.value));
    }
    const auto begun = command(
        raw(),
        fmt::format("START_REPLICATION SLOT \"{}\" LOGICAL {} ({})", slot, to_string(from), list),
        kStart, PGRES_COPY_BOTH);
    if (!begun) return failure(begun.error());
    PQsetNoticeReceiver(raw(), &keep_warning, warning_.get());
    started_ = true;
    streaming_ = true;
    return {};
}

std::optional<Error> ReplicationSession::refuse_unless_streaming() const {
    if (!usable()) return Error{.kind = ErrorKind::connection, .message = "the session is closed"};
    if (!streaming_) return Error{.message = "no stream is open; call start() first"};
    return std::nullopt;
}

// False when nothing arrived by the deadline.
Expected<bool> ReplicationSession::await_readable(Deadline deadline, int wake) {
    for (;;) {
        std::array<pollfd, 2> descriptors{
            {{.fd = PQsocket(raw()), .events = POLLIN, .revents = 0},
             {.fd = wake, .events = POLLIN, .revents = 0}}};  // ignored where it is negative
        const auto left = std::chrono::ceil<milliseconds>(deadline - steady_clock::now()).count();
        const int ready = ::poll(descriptors.data(), descriptors.size(),
                                 static_cast<int>(std::clamp<std::int64_t>(left, 0, 60'000)));
        if (ready < 0 && errno != EINTR) return failure(unexpected("failure of poll()"));
        if (ready > 0) {
            if (descriptors[0].revents == 0) return false;
            if (PQconsumeInput(raw()) != 1) return failure(connection_error(raw()));
            return true;
        }
        if (steady_clock::now() >= deadline) return false;
    }
}

// Moves the next message of the stream into message_.
Expected<ReplicationSession::Arrival> ReplicationSession::await(Deadline deadline, int wake) {
    message_.reset();
    for (;;) {
        char* buffer = nullptr;
        const int size = PQgetCopyData(raw(), &buffer, 1);
        if (size > 0) {
            message_.reset(buffer);
            message_size_ = static_cast<std::size_t>(size);
            return Arrival::message;
        }
        if (size == -1) return Arrival::end;
        if (size < 0) return failure(connection_error(raw()));
        const auto readable = await_readable(deadline, wake);
        if (!readable) return failure(readable.error());
        if (!*readable) return Arrival::nothing;
    }
}

// Reads what the server says after the last message of the stream.
Expected<void> ReplicationSession::finish(Deadline deadline) {
    streaming_ = false;
    std::optional<Error> error;
    for (;;) {
        while (PQisBusy(raw()) == 1) {
            const auto readable = await_readable(deadline);
            if (!readable) return failure(readable.error());
            if (!*readable) return failure(abandon());
        }
        const Rows rows(PQgetResult(raw()));
        if (rows.raw() == nullptr) break;
        const auto status = PQresultStatus(rows.raw());
        if (status == PGRES_FATAL_ERROR && !error) error = error_of(rows.raw(), raw());
        if (status == PGRES_COPY_IN) PQputCopyEnd(raw(), nullptr);
    }
    if (!error) return {};
    error->statement_name = kStart;
    return failure(std::move(*error));
}

// Gives the session up.
Error ReplicationSession::abandon() {
    streaming_ = false;
    connection_.reset();
    return {.kind = ErrorKind::connection,
            .message = "the server did not end the stream in time; the session is closed",
            .statement_name = std::string(kStart)};
}

// What has arrived is beyond the skipped changes.
Error ReplicationSession::skipped() {
    streaming_ = false;
    connection_.reset();
    return std::move(**warning_);
}

Expected<std::optional<ReplicationMessage>> ReplicationSession::receive(milliseconds wait,
                                                                        int wake) {
    if (auto refused = refuse_unless_streaming()) return failure(std::move(*refused));
    const auto arrival = await(steady_clock::now() + wait, wake);
    if (!arrival) return failure(arrival.error());
    if (*warning_) return failure(skipped());
    if (*arrival == Arrival::nothing) return std::nullopt;
    if (*arrival == Arrival::message) {
        auto parsed = parse({message_.get(), message_size_});
        if (!parsed) return failure(parsed.error());
        return *parsed;
    }
    auto finished = finish(steady_clock::now() + kEndPatience);
    if (!finished) return failure(std::move(finished.error()));
    // Nothing failed, and we did not ask for the end: the server is shutting down.
    connection_.reset();
    return failure(Error{.kind = ErrorKind::connection,
                         .message = "the server ended the stream",
                         .statement_name = std::string(kStart)});
}

Expected<void> ReplicationSession::send_status(const ReplicationStatus& status,
                                               bool request_reply) {
    if (auto refused = refuse_unless_streaming()) return failure(std::move(*refused));
    std::string message = "r";
    for (const Lsn lsn : {status.written, status.flushed, status.applied}) {
        append_big_endian(message, lsn.value);
    }
    append_big_endian(message, to_wire(status.sent_at));
    message += request_reply ? '\1' : '\0';
    const bool sent = PQputCopyData(raw(), message.data(), static_cast<int>(message.size())) == 1 &&
                      PQflush(raw()) == 0;
    if (!sent) return failure(connection_error(raw()));
    return {};
}

Expected<void> ReplicationSession::stop(milliseconds wait) {
    if (!streaming_) return {};
    const auto deadline = steady_clock::now() + wait;
    if (PQputCopyEnd(raw(), nullptr) != 1) return failure(connection_error(raw()));
    for (;;) {
        const auto arrival = await(deadline);
        if (!arrival) return failure(arrival.error());
        if (*arrival == Arrival::end) return finish(deadline);
        if (*arrival == Arrival::nothing || steady_clock::now() >= deadline) {
            return failure(abandon());
        }
    }
}

}  // namespace atlas::pg
