// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as a stream are decoded or refused; what is handed on lies within the message and has
// the columns of its relation. A stream is messages, each after its size in 4 bytes. The seeds were
// recorded from a real server by pgoutput_decoder_pgtest.
#include "stream/pgoutput_decoder.h"

#include <cstdlib>

namespace {

void check_cells(std::span<const atlas::stream::Cell> cells, std::string_view message) {
    for (const auto& cell : cells) {
        if (cell.kind != atlas::stream::Cell::Kind::value || cell.bytes.empty()) continue;
        const bool within =
            cell.bytes.data() >= message.data() &&
            cell.bytes.data() + cell.bytes.size() <= message.data() + message.size();
        if (!within) __builtin_trap();
    }
}

void check_change(const atlas::stream::Change& change, std::string_view message) {
    const std::size_t columns = change.relation->columns.size();
    if (!change.row.empty() && change.row.size() != columns) __builtin_trap();
    if (!change.old_key.empty() && change.old_key.size() != columns) __builtin_trap();
    check_cells(change.row, message);
    check_cells(change.old_key, message);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace atlas::stream;
    atlas::ByteReader frames(std::string_view(reinterpret_cast<const char*>(data), size));
    PgoutputDecoder decoder;
    while (frames.left() > 0) {
        const std::string_view message = frames.bytes(frames.int4());
        if (!frames.good()) break;
        // A copy of its own, so that reading beyond it is seen.
        const std::string copy(message);
        const auto event = decoder.decode(copy);
        if (!event) break;
        if (const auto* change = std::get_if<Change>(&*event)) check_change(*change, copy);
        if (const auto* truncate = std::get_if<TruncateEvent>(&*event)) {
            for (const auto* relation : truncate->relations) {
                if (decoder.relation(relation->table) != relation) __builtin_trap();
            }
        }
    }
    return 0;
}
