// SPDX-License-Identifier: Apache-2.0
//
// Integers in network byte order, for wire formats; ByteReader reads them back.
//
// Threading  pure functions; any thread.
#pragma once

#include <bit>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <string>

namespace atlas {

// The value with its bytes swapped, as it lies on the wire.
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

// Appends the sizeof(Int) bytes of the value.
template <std::integral Int>
void append_big_endian(std::string& out, Int value) {
    const Int swapped = big_endian(value);
    char bytes[sizeof(Int)];
    std::memcpy(bytes, &swapped, sizeof bytes);
    out.append(bytes, sizeof bytes);
}

}  // namespace atlas
