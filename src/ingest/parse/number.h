// SPDX-License-Identifier: Apache-2.0
//
// Reads a number literal exactly: what is an integer, what a fraction, what neither type can hold.
//
// Threading  pure function; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "ingest/request/batch.h"

namespace atlas::ingest {

struct Number {
    bool valid = false;         // false: not a number of the JSON grammar
    Kind kind = Kind::null;     // int64, float64, or big where neither holds it
    std::uint64_t payload = 0;  // see Kind
};

// The double nearest to [-]digits[.digits][e±digits], in which digits may be missing on one side of
// the point. nullopt beyond the range of doubles, and for what is not zero but rounds to it.
std::optional<double> read_double(std::string_view literal);

// The double that is exactly the integer [-]digits; nullopt where none is, and for a fraction.
std::optional<double> read_double_of_integer(std::string_view literal);

// The integer that the same grammar writes, such as 7.0 or 12e3, digit by digit. nullopt for a
// fraction and beyond 64 bits.
std::optional<std::int64_t> read_exact_int(std::string_view literal);

// `literal` in the grammar of RFC 8259, section 6, and nothing around it. Without fraction and
// exponent it is an integer. A float64 is the nearest double; where read_double() finds none, it is
// `big`.
Number read_number(std::string_view literal);

}  // namespace atlas::ingest
