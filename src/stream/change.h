// SPDX-License-Identifier: Apache-2.0
//
// What the log says, decoded: one row that was inserted, updated or deleted in one of the published
// tables, within its transaction.
//
//     walsender → ReplicationSession → PgoutputDecoder → [Transaction, Change] → Subscriber
//
// Cells are in PostgreSQL's binary format (pg/binary_result.h reads them), in the order of the
// relation's columns. The log names partitions under their root.
//
// Lifetime   a change borrows from the message it was decoded from, for the time of the call that
//            it is handed to; the relation lives longer, until the table's definition changes.
// Threading  plain data; one thread at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/lsn.h"
#include "base/time.h"

namespace atlas::stream {

using Position = LogPosition;

// The published tables.
enum class Table : std::uint8_t {
    tenants,
    attributes,
    tenant_attributes,
    entities,
    entity_jsonb,
    shapes,
    observations,
    heartbeat,
    other,  // partitions, and what else the publication has: no change of it is handed on
};

// As the database calls it, in the schema public; empty for `other`.
std::string_view name_of(Table table);

struct Column {
    std::string name;
    std::uint32_t type_oid = 0;
    bool key = false;  // part of the replica identity
};

struct Relation {
    std::uint32_t oid = 0;
    // Rises with each definition that the session announces: for those who keep places of columns.
    std::uint32_t version = 0;
    Table table = Table::other;
    std::string schema;
    std::string name;
    std::vector<Column> columns;
    // The place of a column; nullopt: there is none of that name.
    std::optional<std::size_t> find(std::string_view column) const;
};

struct Cell {
    enum class Kind : std::uint8_t {
        null,
        unchanged,  // of an update: a large value that it did not touch and the log does not hold
        value,
    };
    Kind kind = Kind::null;
    std::string_view bytes;  // of a value
};

enum class Operation : std::uint8_t { insert, update, remove, truncate };

struct Change {
    Operation operation = Operation::insert;
    const Relation* relation = nullptr;
    std::span<const Cell> row;  // after insert and update: every column
    // Of an update that changed the key, and of a removal: the replica identity before it. Other
    // columns are null.
    std::span<const Cell> old_key;
};

struct Transaction {
    // Its commit record: orders transactions, and is known when one begins.
    Position commit;
    // After that record: the checkpoint of who has applied it. The log tells it with the commit;
    // until then it is `commit`, which is no checkpoint.
    Position end;
    Time committed_at{};    // by the primary's clock
    std::uint32_t xid = 0;  // 32 bits, without the epoch
};

}  // namespace atlas::stream
