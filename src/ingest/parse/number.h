// SPDX-License-Identifier: Apache-2.0
//
// Reads a number literal exactly: what is an integer, what a fraction, what neither type can hold.
//
// Threading  pure function; any thread.
#pragma once

#include <cstdint>
#include <string_view>

#include "ingest/request/batch.h"

namespace atlas::ingest {

struct Number {
    bool valid = false;         // false: not a number of the JSON grammar
    Kind kind = Kind::null;     // int64, float64, or big where neither holds it
    std::uint64_t payload = 0;  // see Kind
};

// `literal` in the grammar of RFC 8259, section 6, and nothing around it. Without fraction and
// exponent it is an integer. A float64 is the nearest double; one beyond its range is `big`.
Number read_number(std::string_view literal);

}  // namespace atlas::ingest
