// SPDX-License-Identifier: Apache-2.0
//
// Divides records among the connections by their entity, so that those of one entity are sent one
// after the other and the last of a key counts.
//
//     ChunkReader → Chunk → [divide] → a chunk for each request → the lane of its connection
//
// Threading  a function without state; any thread.
#pragma once

#include <cstddef>
#include <vector>

#include "cli/ingest/chunk.h"

namespace atlas::cli {

// The records of `chunk` for each of `lanes`, in their order, in chunks of about `bytes`. All of
// them have the sequence of `chunk`, and none its place or notes. A file that fits into one request
// is one. May take the memory of `chunk`.
std::vector<std::vector<Chunk>> divide(Chunk& chunk, std::size_t lanes, std::size_t bytes);

}  // namespace atlas::cli
