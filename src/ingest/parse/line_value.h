// SPDX-License-Identifier: Apache-2.0
//
// Reads one field value of InfluxDB line protocol.
//
//     1  1.5  -1e3      float         12i   int           12u   unsigned
//     t T true True TRUE f F …  boolean              "text \"quoted\" \\"  string
//
// A string may hold line feeds, as InfluxDB takes them.
#pragma once

#include <cstdint>
#include <string_view>

#include "ingest/request/batch.h"

namespace atlas::ingest {

enum class ValueFault : std::uint8_t {
    none,
    malformed,          // the line cannot be read on
    unclosed_quote,     // neither
    too_large,          // this field is refused, the line goes on
    not_representable,  // neither kind of number holds it: NaN, infinities; refused alone
};

struct ValueEnd {
    const char* at;  // behind the value
    ValueFault fault = ValueFault::none;
    std::uint32_t line_feeds = 0;  // inside a string
};

// Reads the value at `at`, inside the body of `batch`, into `point`; its name is the caller's. A
// number outside 64 bits becomes Kind::big: its attribute's type decides.
ValueEnd read_line_value(Batch& batch, const char* at, std::size_t max_value_bytes, Point& point);

}  // namespace atlas::ingest
