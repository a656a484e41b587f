// SPDX-License-Identifier: Apache-2.0
//
// InfluxDB line protocol into a Batch.
//
//     pump,site=berlin pressure=4.2,cycles=17i,note="ok" 1763718000000000000
//     └ measurement ┘  └ fields                        ┘ └ time, by precision
//
//     POST /write, /api/v2/write → body → [parse_lines] → Batch → validate
//
// The entity is the tag `entity`, else the series key: measurement and tags sorted by bytes, in one
// canonical escaping. Each tag but `entity` becomes a point marked `tag`, each field a point
// <measurement>_<field>. A line that does not parse is rejected alone, with its number; after an
// unclosed quote reading continues after the first line feed. A tag or field that parses but cannot
// be stored is rejected alone.
//
// No allocation per data point: texts borrow from the body wherever they have no escape.
//
// Threading  one thread at a time for a batch.
#pragma once

#include <cstdint>

#include "ingest/request/batch.h"
#include "ingest/request/limits.h"

namespace atlas::ingest {

// A longer line is rejected, never cut.
inline constexpr std::ptrdiff_t kMaxLineBytes = std::ptrdiff_t{4} << 20U;

// Appends every line of the batch's body to the batch. Returns how many lines were rejected whole;
// the observations of those that lost only a part are marked `lossy`.
std::uint64_t parse_lines(Batch& batch, Precision precision, const ParseContext& context);

}  // namespace atlas::ingest
