// SPDX-License-Identifier: Apache-2.0
#include "cli/ingest/lanes.h"

namespace atlas::cli {

std::vector<std::vector<Chunk>> divide(Chunk chunk, std::size_t lanes, std::size_t bytes) {
    std::vector<std::vector<Chunk>> out(lanes);
    if (chunk.items.empty()) return out;
    const bool is_whole_file = chunk.sequence == 0 && chunk.is_last && chunk.body.size() <= bytes;
    if (lanes == 1 || is_whole_file) {
        out.front().push_back(std::move(chunk));
        return out;
    }
    for (const Chunk::Item& item : chunk.items) {
        auto& lane = out[item.entity % lanes];
        if (lane.empty() || lane.back().body.size() >= bytes) {
            lane.emplace_back().sequence = chunk.sequence;
        }
        Chunk& part = lane.back();
        Chunk::Item moved = item;
        moved.begin = part.body.size();
        part.body += chunk.text(item);
        if (item.written_length > 0) {
            moved.written_begin = part.written.size();
            part.written += chunk.original(item);
        }
        part.items.push_back(moved);
    }
    return out;
}

}  // namespace atlas::cli
