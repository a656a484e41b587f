// SPDX-License-Identifier: Apache-2.0
//
// A buffer over the input of `atlas ingest`, and its place in the file: what the readers of all
// formats share.
//
// Lifetime   borrows the input.
// Threading  one thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "cli/ingest/chunk.h"

namespace atlas::cli {

struct Buffered {
    Buffered(Input& from, const Place& place)
        : input(from), line(place.line), started_at(place.started_at) {}

    // Appends bytes after those not yet used; false at the end of the input.
    bool refill() {
        buffer.erase(0, std::exchange(used, 0));
        return grow();
    }
    // The same, and keeps those that were used.
    bool grow() {
        const auto before = static_cast<std::ptrdiff_t>(buffer.size());
        if (input.read(buffer) == 0) at_end = true;
        if (carriage_returns) {
            std::replace(buffer.begin() + before, buffer.end(), '\r', '\n');
        }
        return !at_end;
    }
    // Lines that end with a carriage return alone are read as others are: a place stays one.
    void find_line_end() {
        const std::string_view begin = input.peek();
        carriage_returns = begin.find('\n') == std::string_view::npos &&
                           begin.find('\r') != std::string_view::npos;
    }
    void finish(Chunk& chunk) const {
        chunk.end_offset = input.position() - (buffer.size() - used);
        chunk.end_line = line;
        chunk.is_last = at_end && used >= buffer.size();
    }
    Time absent_time() const { return started_at + Micros{static_cast<std::int64_t>(line)}; }

    Input& input;
    std::string buffer;
    std::size_t used = 0;
    std::uint64_t line;  // line feeds before the next record
    Time started_at;
    bool at_end = false;
    bool carriage_returns = false;
};

}  // namespace atlas::cli
