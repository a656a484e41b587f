// SPDX-License-Identifier: Apache-2.0
//
// Reads one field value of InfluxDB line protocol.
//
//     1  1.5  -1e3      float         12i   int           12u   unsigned
//     t T true True TRUE f F …  boolean              "text \"quoted\" \\"  string
//
// A string may contain line feeds, as in InfluxDB. Any other word without quotes (NaN and
// infinities as every printf spells them, 0x1p3, 1_000, null) has an end of its own and costs only
// its field.
//
// Threading  pure function; one thread at a time for a batch.
#pragma once

#include <cstdint>
#include <string_view>

#include "ingest/request/batch.h"

namespace atlas::ingest {

enum class ValueFault : std::uint8_t {
    none,
    malformed,          // the rest of the line cannot be read
    unclosed_quote,     // the same
    too_large,          // only this field is rejected, and so with the rest
    not_representable,  // NaN and infinities
    unknown_word,       // a word that is no value
};

struct ValueEnd {
    const char* at;  // past the value
    ValueFault fault = ValueFault::none;
    std::uint32_t line_feeds = 0;  // inside a string
};

// Reads the value at `at`, inside the body of `batch`, into `point`; its name is the caller's. A
// number outside 64 bits becomes Kind::big: its attribute's type decides.
ValueEnd read_line_value(Batch& batch, const char* at, std::size_t max_value_bytes, Point& point);

}  // namespace atlas::ingest
