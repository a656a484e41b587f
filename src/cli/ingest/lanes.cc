// SPDX-License-Identifier: Apache-2.0
#include "cli/ingest/lanes.h"

namespace atlas::cli {
namespace {

constexpr std::size_t kRoomBytes = 4096;  // for the record that ends a request

// A lane that has a little more than its share sends that along, and no request for it alone.
std::size_t limit_of(std::size_t lane_bytes, std::size_t bytes) {
    const std::size_t most = bytes + bytes / 4;
    const std::size_t requests = (lane_bytes + most - 1) / most;
    return requests == 0 ? most : (lane_bytes + requests - 1) / requests;
}

void append(Chunk& part, const Chunk& chunk, const Chunk::Item& item) {
    Chunk::Item& moved = part.items.emplace_back(item);
    moved.begin = part.body.size();
    part.body += chunk.text(item);
    if (item.written_length == 0) return;
    moved.written_begin = part.written.size();
    part.written += chunk.original(item);
}

}  // namespace

std::vector<std::vector<Chunk>> divide(Chunk& chunk, std::size_t lanes, std::size_t bytes) {
    std::vector<std::vector<Chunk>> out(lanes);
    if (chunk.items.empty()) return out;
    const bool is_whole_file = chunk.sequence == 0 && chunk.is_last && chunk.body.size() <= bytes;
    if (lanes == 1 || is_whole_file) {
        out.front().push_back(std::move(chunk));
        return out;
    }
    std::vector<std::size_t> limits(lanes);
    for (const auto& item : chunk.items) limits[item.entity % lanes] += item.length;
    for (auto& limit : limits) limit = limit_of(limit, bytes);
    for (const auto& item : chunk.items) {
        const std::size_t at = item.entity % lanes;
        auto& lane = out[at];
        if (lane.empty() || lane.back().body.size() >= limits[at]) {
            lane.emplace_back().sequence = chunk.sequence;
            lane.back().body.reserve(limits[at] + kRoomBytes);
        }
        append(lane.back(), chunk, item);
    }
    return out;
}

}  // namespace atlas::cli
