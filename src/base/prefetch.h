// SPDX-License-Identifier: Apache-2.0
//
// Fetches memory into the processor's caches before it is used. Lookups in tables larger than those
// wait for memory most of their time; a loop that knows the places of later rounds overlaps them.
//
// Threading  any.
#pragma once

#include <cstddef>

namespace atlas {

// How many rounds ahead a loop over lookups fetches.
inline constexpr std::size_t kPrefetchAhead = 8;

inline void prefetch(const void* begin, std::size_t bytes) {
    constexpr std::size_t kLine = 64;
    const char* const at = static_cast<const char*>(begin);
    for (std::size_t i = 0; i < bytes; i += kLine) __builtin_prefetch(at + i);
}

}  // namespace atlas
