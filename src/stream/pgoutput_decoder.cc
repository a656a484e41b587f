// SPDX-License-Identifier: Apache-2.0
#include "stream/pgoutput_decoder.h"

#include <algorithm>
#include <limits>

#include "pg/wire.h"

namespace atlas::stream {
namespace {

constexpr std::array<std::string_view, static_cast<std::size_t>(Table::other)> kTables{
    "tenants",      "attributes", "tenant_attributes", "entities",
    "entity_jsonb", "shapes",     "observations",      "replication_heartbeat"};

Table table_of(std::string_view schema, std::string_view name) {
    if (schema != "public") return Table::other;
    const auto* const found = std::ranges::find(kTables, name);
    return static_cast<Table>(found - kTables.begin());  // not found: other
}

std::uint32_t read_oid(ByteReader& reader) {
    return static_cast<std::uint32_t>(reader.int4());
}
Lsn read_lsn(ByteReader& reader) {
    return {static_cast<std::uint64_t>(reader.int8())};
}

// By a server's clock; bytes that no clock shows are the last instant there is.
Time read_time(ByteReader& reader) {
    constexpr std::int64_t kLast = std::numeric_limits<std::int64_t>::max() - pg::kEpochMicros;
    return pg::time_from_wire(std::min(reader.int8(), kLast));
}

// A string that ends with NUL.
std::string_view read_string(ByteReader& reader) {
    ByteReader ahead = reader;
    std::int64_t size = 0;
    while (ahead.byte() != 0) ++size;  // zero also at the end, with an error
    if (!ahead.good()) {
        reader.fail();
        return {};
    }
    const std::string_view text = reader.bytes(size);
    reader.byte();
    return text;
}

bool same_definition(const Relation& a, const Relation& b) {
    return a.oid == b.oid &&
           std::ranges::equal(a.columns, b.columns, [](const Column& x, const Column& y) {
               return x.name == y.name && x.type_oid == y.type_oid && x.key == y.key;
           });
}

// Reads over what is left: the row of a table that Atlas does not know.
Event skip(ByteReader& reader) {
    reader.bytes(static_cast<std::int64_t>(reader.left()));
    return std::monostate{};
}

DecodeError bad_marker(const ByteReader& reader) {
    return reader.good() ? DecodeError::unknown_message : DecodeError::truncated;
}

}  // namespace

std::string_view to_string(DecodeError error) {
    switch (error) {
        case DecodeError::truncated: return "the message ends inside a field";
        case DecodeError::trailing: return "the message is longer than its fields";
        case DecodeError::unknown_message: return "the message is of an unknown kind";
        case DecodeError::unknown_relation: return "the row's relation was not announced";
        case DecodeError::column_mismatch: return "the row has not the columns of its relation";
        case DecodeError::out_of_order: return "the message is not allowed at this place";
    }
    return "";
}

std::string_view name_of(Table table) {
    return table == Table::other ? "" : kTables[static_cast<std::size_t>(table)];
}

std::optional<std::size_t> Relation::find(std::string_view column) const {
    const auto found = std::ranges::find(columns, column, &Column::name);
    if (found == columns.end()) return std::nullopt;
    return static_cast<std::size_t>(found - columns.begin());
}

const Relation* PgoutputDecoder::relation(Table table) const {
    return table == Table::other ? nullptr : known_[static_cast<std::size_t>(table)].get();
}

Result<Event, DecodeError> PgoutputDecoder::decode(std::string_view message) {
    ByteReader reader(message);
    const auto kind = static_cast<char>(reader.byte());
    if (!reader.good()) return failure(DecodeError::truncated);
    const bool is_row = kind == 'I' || kind == 'U' || kind == 'D' || kind == 'T';
    if (is_row && !in_transaction_) return failure(DecodeError::out_of_order);
    Decoded event = [&]() -> Decoded {
        switch (kind) {
            case 'B': return begin(reader);
            case 'C': return commit(reader);
            case 'R': return this->relation(reader);
            case 'Y': return type(reader);
            case 'O': return origin(reader);
            case 'I': return insert(reader);
            case 'U': return update(reader);
            case 'D': return remove(reader);
            case 'T': return truncate(reader);
            case 'M': return this->message(reader);
            default: return failure(DecodeError::unknown_message);
        }
    }();
    if (!event) return event;
    if (!reader.good()) return failure(DecodeError::truncated);
    if (!reader.at_end()) return failure(DecodeError::trailing);
    return event;
}

// B: Int64 begin of the commit record, Int64 commit time, Int32 xid
Result<Event, DecodeError> PgoutputDecoder::begin(ByteReader& reader) {
    BeginEvent event;
    event.commit = read_lsn(reader);
    event.committed_at = read_time(reader);
    event.xid = static_cast<std::uint32_t>(reader.int4());
    if (in_transaction_) return failure(DecodeError::out_of_order);
    in_transaction_ = reader.good();
    return event;
}

// C: Int8 flags (none are in use), Int64 begin and Int64 end of the commit record, Int64 time
Result<Event, DecodeError> PgoutputDecoder::commit(ByteReader& reader) {
    if (reader.byte() != 0) return failure(DecodeError::unknown_message);
    CommitEvent event;
    event.commit = read_lsn(reader);
    event.end = read_lsn(reader);
    event.committed_at = read_time(reader);
    if (!in_transaction_) return failure(DecodeError::out_of_order);
    in_transaction_ = !reader.good();
    return event;
}

// R: Int32 oid, String schema (empty: pg_catalog), String name, Int8 replica identity, Int16
// columns; of each Int8 flags (1: part of the identity), String name, Int32 type, Int32 modifier
Result<Event, DecodeError> PgoutputDecoder::relation(ByteReader& reader) {
    Relation relation;
    relation.oid = read_oid(reader);
    relation.schema = read_string(reader);
    relation.name = read_string(reader);
    reader.byte();
    const std::int16_t columns = reader.int2();
    if (reader.good() && columns < 0) return failure(DecodeError::unknown_message);
    for (int i = 0; i < columns && reader.good(); ++i) {
        Column column;
        column.key = (reader.byte() & 1U) != 0;
        column.name = read_string(reader);
        column.type_oid = read_oid(reader);
        reader.int4();
        relation.columns.push_back(std::move(column));
    }
    if (!reader.at_end()) return std::monostate{};  // decode() says what is wrong
    relation.table = table_of(relation.schema, relation.name);
    if (relation.table == Table::other) {
        remember_other(relation.oid);
    } else {
        keep(std::move(relation));
    }
    return std::monostate{};
}

// The same definition again, as after ANALYZE, leaves the pointers to it valid.
void PgoutputDecoder::keep(Relation relation) {
    auto& place = known_[static_cast<std::size_t>(relation.table)];
    if (place && same_definition(*place, relation)) return;
    relation.version = ++versions_;
    place = std::make_unique<Relation>(std::move(relation));
}

void PgoutputDecoder::remember_other(std::uint32_t oid) {
    if (!others_.insert(oid).second) return;
    others_in_order_.push_back(oid);
    if (others_in_order_.size() <= kMaxOthers) return;
    others_.erase(others_in_order_.front());
    others_in_order_.pop_front();
}

// Y: Int32 oid, String schema, String name. The types of our columns are built in.
Result<Event, DecodeError> PgoutputDecoder::type(ByteReader& reader) {
    reader.int4();
    read_string(reader);
    read_string(reader);
    return std::monostate{};
}

// O: Int64 position at the origin, String name
Result<Event, DecodeError> PgoutputDecoder::origin(ByteReader& reader) {
    reader.int8();
    read_string(reader);
    return std::monostate{};
}

// nullptr: one that was announced and that Atlas does not know.
Result<const Relation*, DecodeError> PgoutputDecoder::find(std::uint32_t oid) const {
    for (const auto& relation : known_) {
        if (relation && relation->oid == oid) return relation.get();
    }
    if (others_.contains(oid)) return nullptr;
    return failure(DecodeError::unknown_relation);
}

// Int16 columns; of each Byte1 kind: n (NULL), u (unchanged), b (Int32 size, bytes). Text (t) is
// sent for types without a binary form, which ours are not.
Result<void, DecodeError> PgoutputDecoder::read_tuple(ByteReader& reader, const Relation& relation,
                                                      std::vector<Cell>& cells) {
    cells.clear();
    const std::int16_t columns = reader.int2();
    if (!reader.good()) return failure(DecodeError::truncated);
    if (columns < 0 || static_cast<std::size_t>(columns) != relation.columns.size()) {
        return failure(DecodeError::column_mismatch);
    }
    for (int i = 0; i < columns; ++i) {
        Cell cell;
        switch (static_cast<char>(reader.byte())) {
            case 'n': break;
            case 'u': cell.kind = Cell::Kind::unchanged; break;
            case 'b':
                cell.kind = Cell::Kind::value;
                cell.bytes = reader.bytes(reader.int4());
                break;
            default: return failure(bad_marker(reader));
        }
        cells.push_back(cell);
    }
    if (!reader.good()) return failure(DecodeError::truncated);
    return {};
}

// I: Int32 oid, N, tuple
Result<Event, DecodeError> PgoutputDecoder::insert(ByteReader& reader) {
    const std::uint32_t oid = read_oid(reader);
    if (!reader.good()) return failure(DecodeError::truncated);
    const auto relation = find(oid);
    if (!relation) return failure(relation.error());
    if (*relation == nullptr) return skip(reader);
    if (reader.byte() != 'N') {
        return failure(bad_marker(reader));
    }
    if (auto read = read_tuple(reader, **relation, row_); !read) return failure(read.error());
    return Change{
        .operation = Operation::insert, .relation = *relation, .row = row_, .old_key = {}};
}

// U: Int32 oid, [K | O, tuple] where the key changed or the identity is full, N, tuple
Result<Event, DecodeError> PgoutputDecoder::update(ByteReader& reader) {
    const std::uint32_t oid = read_oid(reader);
    if (!reader.good()) return failure(DecodeError::truncated);
    const auto relation = find(oid);
    if (!relation) return failure(relation.error());
    if (*relation == nullptr) return skip(reader);
    old_key_.clear();
    auto kind = static_cast<char>(reader.byte());
    if (kind == 'K' || kind == 'O') {
        if (auto read = read_tuple(reader, **relation, old_key_); !read) {
            return failure(read.error());
        }
        kind = static_cast<char>(reader.byte());
    }
    if (kind != 'N') {
        return failure(bad_marker(reader));
    }
    if (auto read = read_tuple(reader, **relation, row_); !read) return failure(read.error());
    return Change{
        .operation = Operation::update, .relation = *relation, .row = row_, .old_key = old_key_};
}

// D: Int32 oid, K | O, tuple
Result<Event, DecodeError> PgoutputDecoder::remove(ByteReader& reader) {
    const std::uint32_t oid = read_oid(reader);
    if (!reader.good()) return failure(DecodeError::truncated);
    const auto relation = find(oid);
    if (!relation) return failure(relation.error());
    if (*relation == nullptr) return skip(reader);
    const auto kind = static_cast<char>(reader.byte());
    if (kind != 'K' && kind != 'O') {
        return failure(bad_marker(reader));
    }
    if (auto read = read_tuple(reader, **relation, old_key_); !read) return failure(read.error());
    return Change{
        .operation = Operation::remove, .relation = *relation, .row = {}, .old_key = old_key_};
}

// T: Int32 relations, Int8 flags (1: CASCADE, 2: RESTART IDENTITY), Int32 oid of each
Result<Event, DecodeError> PgoutputDecoder::truncate(ByteReader& reader) {
    const std::int32_t count = reader.int4();
    reader.byte();
    truncated_.clear();
    if (reader.good() && count < 0) return failure(DecodeError::unknown_message);
    for (std::int32_t i = 0; i < count; ++i) {
        const std::uint32_t oid = read_oid(reader);
        if (!reader.good()) return failure(DecodeError::truncated);
        const auto relation = find(oid);
        if (!relation) return failure(relation.error());
        if (*relation != nullptr) truncated_.push_back(*relation);
    }
    return TruncateEvent{truncated_};
}

// M: Int8 flags (1: transactional), Int64 end of its record, String prefix, Int32 size, bytes
Result<Event, DecodeError> PgoutputDecoder::message(ByteReader& reader) {
    const std::uint8_t flags = reader.byte();
    if (flags > 1) return failure(DecodeError::unknown_message);
    Message message;
    message.transactional = flags == 1;
    message.end = read_lsn(reader);
    message.prefix = read_string(reader);
    message.content = reader.bytes(reader.int4());
    if (reader.good() && message.transactional && !in_transaction_) {
        return failure(DecodeError::out_of_order);
    }
    return message;
}

}  // namespace atlas::stream
