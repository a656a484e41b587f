// SPDX-License-Identifier: Apache-2.0
//
// Numbers in the form of PostgreSQL's binary formats: big-endian, timestamps counted from 2000.
//
// Lifetime   constants and pure functions.
// Threading  any thread.
#pragma once

#include <cstdint>

#include "base/big_endian.h"
#include "base/time.h"

namespace atlas::pg {

// Type numbers of pg_type, fixed since there is a pg_type.
inline constexpr std::uint32_t kBoolOid = 16;
inline constexpr std::uint32_t kInt8Oid = 20;
inline constexpr std::uint32_t kInt4Oid = 23;
inline constexpr std::uint32_t kTextOid = 25;
inline constexpr std::uint32_t kFloat8Oid = 701;
inline constexpr std::uint32_t kTimestamptzOid = 1184;
inline constexpr std::uint32_t kNumericOid = 1700;
inline constexpr std::uint32_t kInt4ArrayOid = 1007;
inline constexpr std::uint32_t kTextArrayOid = 1009;
inline constexpr std::uint32_t kInt8ArrayOid = 1016;
inline constexpr std::uint32_t kTimestamptzArrayOid = 1185;

// 2000-01-01 in Unix microseconds: where timestamptz counts from.
inline constexpr std::int64_t kEpochMicros = 946'684'800'000'000;
// The same day, counted from 1970: where date counts from.
inline constexpr std::int32_t kEpochDay = 10'957;

constexpr std::int64_t to_wire(Time time) {
    return to_micros(time) - kEpochMicros;
}
constexpr Time time_from_wire(std::int64_t wire) {
    return time_from_micros(wire + kEpochMicros);
}

using atlas::append_big_endian;
using atlas::big_endian;

}  // namespace atlas::pg
