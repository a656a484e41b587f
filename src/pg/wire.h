// SPDX-License-Identifier: Apache-2.0
//
// Numbers as PostgreSQL's binary formats want them: big-endian, timestamps counted from 2000.
#pragma once

#include <bit>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <string>

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
inline constexpr std::uint32_t kBoolArrayOid = 1000;
inline constexpr std::uint32_t kInt4ArrayOid = 1007;
inline constexpr std::uint32_t kTextArrayOid = 1009;
inline constexpr std::uint32_t kInt8ArrayOid = 1016;
inline constexpr std::uint32_t kTimestamptzArrayOid = 1185;

// 2000-01-01 in Unix microseconds: where timestamptz counts from.
inline constexpr std::int64_t kEpochMicros = 946'684'800'000'000;

constexpr std::int64_t to_wire(Time time) {
    return to_micros(time) - kEpochMicros;
}
constexpr Time time_from_wire(std::int64_t wire) {
    return time_from_micros(wire + kEpochMicros);
}

template <std::integral Int>
constexpr Int big_endian(Int value) {
    if constexpr (sizeof(Int) == 1) return value;
    if constexpr (sizeof(Int) == 2)
        return static_cast<Int>(__builtin_bswap16(static_cast<std::uint16_t>(value)));
    if constexpr (sizeof(Int) == 4)
        return static_cast<Int>(__builtin_bswap32(static_cast<std::uint32_t>(value)));
    if constexpr (sizeof(Int) == 8)
        return static_cast<Int>(__builtin_bswap64(static_cast<std::uint64_t>(value)));
}
static_assert(std::endian::native == std::endian::little);

template <std::integral Int>
void append_big_endian(std::string& out, Int value) {
    const Int swapped = big_endian(value);
    char bytes[sizeof(Int)];
    std::memcpy(bytes, &swapped, sizeof bytes);
    out.append(bytes, sizeof bytes);
}

}  // namespace atlas::pg
