// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as a consistency token are refused or read; what was made here reads back the same, and
// not at all when a single character of it is another.
#include <cstring>

#include "query/consistency_token.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace atlas::query;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    if (const auto token = decode_consistency_token(bytes)) {
        if (encode_consistency_token(*token) != bytes) __builtin_trap();
    }
    if (size < 22) return 0;
    ConsistencyToken token;
    std::uint32_t timeline = 0;
    std::memcpy(&token.system, data, 8);
    std::memcpy(&timeline, data + 8, 4);
    std::memcpy(&token.position.lsn.value, data + 12, 8);
    token.position.timeline = timeline;
    std::string text = encode_consistency_token(token);
    if (decode_consistency_token(text) != token) __builtin_trap();
    char& struck = text[data[20] % text.size()];
    const char other = static_cast<char>('A' + data[21] % 26);
    if (struck == other) return 0;
    struck = other;
    // The last character holds two bits that are always zero, so every other one is refused.
    if (decode_consistency_token(text)) __builtin_trap();
    return 0;
}
