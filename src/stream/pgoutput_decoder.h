// SPDX-License-Identifier: Apache-2.0
//
// Turns the messages of pgoutput into changes.
//
//     ReplicationSession → [PgoutputDecoder] → StreamReader → subscribers
//
// No I/O and no clock: bytes in, events out. Reads protocol version 1 with `binary` and `messages`:
// the server then keeps large transactions to itself, on its disk, until they commit; prepared ones
// come with COMMIT PREPARED.
//
//     Begin  (Relation* Insert | Update | Delete | Truncate | Message)*  Commit
//
// With publish_via_partition_root a partition is announced as its root and as itself; no change
// names the latter. Only the tables that Atlas knows are kept, one definition of each; changes of
// others are read over.
// (https://www.postgresql.org/docs/15/protocol-logicalrep-message-formats.html)
//
// Lifetime   one decoder per session: after a reconnect the server announces every relation again.
//            Events borrow from the message and from the decoder, until the next call.
// Threading  one thread at a time.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <string_view>
#include <unordered_set>
#include <variant>
#include <vector>

#include "base/byte_reader.h"
#include "base/result.h"
#include "stream/change.h"
#include "stream/subscriber.h"

namespace atlas::stream {

// The same bytes fail again: never skip them. A new session announces its relations again.
enum class DecodeError : std::uint8_t {
    truncated,         // the message ends inside a field
    trailing,          // the message goes on after its last field
    unknown_message,   // a kind, a flag or a marker that this version of the protocol does not have
    unknown_relation,  // a row of a relation that the session did not announce
    column_mismatch,   // a row wider or narrower than its relation
    out_of_order,      // a row outside of a transaction, a commit without a begin
};
std::string_view to_string(DecodeError error);

struct BeginEvent {
    Lsn commit;  // the beginning of the commit record
    Time committed_at{};
    std::uint32_t xid = 0;
};
struct CommitEvent {
    Lsn commit;
    Lsn end;
    Time committed_at{};
};
struct TruncateEvent {
    std::span<const Relation* const> relations;  // those that Atlas knows; may be empty
};
// monostate: a message that changes nothing for a follower.
using Event = std::variant<std::monostate, BeginEvent, CommitEvent, Change, TruncateEvent, Message>;

class PgoutputDecoder {
public:
    // Decodes one message. After an error the decoder is of no more use. Cost: no allocation per
    // row once its buffers have grown to the widest.
    Result<Event, DecodeError> decode(std::string_view message);

    bool in_transaction() const { return in_transaction_; }
    // nullptr before the session has announced it.
    const Relation* relation(Table table) const;

    // A sender that announces more partitions than this between two changes of a table that Atlas
    // does not know is taken for one that did not announce that table.
    static constexpr std::size_t kMaxOthers = 65'536;

private:
    using Decoded = Result<Event, DecodeError>;
    Decoded begin(ByteReader& reader);
    Decoded commit(ByteReader& reader);
    Decoded relation(ByteReader& reader);
    Decoded type(ByteReader& reader);
    Decoded origin(ByteReader& reader);
    Decoded insert(ByteReader& reader);
    Decoded update(ByteReader& reader);
    Decoded remove(ByteReader& reader);
    Decoded truncate(ByteReader& reader);
    Decoded message(ByteReader& reader);

    Result<const Relation*, DecodeError> find(std::uint32_t oid) const;
    Result<void, DecodeError> read_tuple(ByteReader& reader, const Relation& relation,
                                         std::vector<Cell>& cells);
    void remember_other(std::uint32_t oid);
    void keep(Relation relation);

    std::array<std::unique_ptr<Relation>, static_cast<std::size_t>(Table::other)> known_;
    std::unordered_set<std::uint32_t> others_;
    std::deque<std::uint32_t> others_in_order_;  // of their first announcement
    std::uint32_t versions_ = 0;
    bool in_transaction_ = false;
    std::vector<Cell> row_;
    std::vector<Cell> old_key_;
    std::vector<const Relation*> truncated_;
};

}  // namespace atlas::stream
