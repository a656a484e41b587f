// SPDX-License-Identifier: Apache-2.0
#include "query/consistency_token.h"

#include <xxhash.h>

#include "base/base64url.h"
#include "base/big_endian.h"
#include "base/byte_reader.h"

namespace atlas::query {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kChecksumBytes = 4;

std::uint32_t checksum(std::string_view bytes) {
    return static_cast<std::uint32_t>(XXH3_64bits(bytes.data(), bytes.size()));
}

}  // namespace

std::uint64_t hash_of_system(std::string_view system_id) {
    return XXH3_64bits(system_id.data(), system_id.size());
}

std::string encode_consistency_token(const ConsistencyToken& token) {
    std::string bytes(1, static_cast<char>(kVersion));
    append_big_endian(bytes, token.system);
    append_big_endian(bytes, std::uint8_t{1});
    append_big_endian(bytes, static_cast<std::uint32_t>(token.position.timeline));
    append_big_endian(bytes, token.position.lsn.value);
    append_big_endian(bytes, checksum(bytes));
    return encode_base64url(bytes);
}

std::optional<ConsistencyToken> decode_consistency_token(std::string_view text) {
    if (text.size() > kMaxConsistencyTokenBytes) return std::nullopt;
    const auto bytes = decode_base64url(text);
    if (!bytes || bytes->size() < kChecksumBytes) return std::nullopt;
    const std::string_view payload(bytes->data(), bytes->size() - kChecksumBytes);
    ByteReader end(std::string_view(*bytes).substr(payload.size()));
    if (static_cast<std::uint32_t>(end.int4()) != checksum(payload)) return std::nullopt;
    ByteReader reader(payload);
    const std::uint8_t version = reader.byte();
    ConsistencyToken token{.system = static_cast<std::uint64_t>(reader.int8()), .position = {}};
    const std::uint8_t positions = reader.byte();
    token.position.timeline = static_cast<std::uint32_t>(reader.int4());
    token.position.lsn.value = static_cast<std::uint64_t>(reader.int8());
    if (!reader.at_end() || version != kVersion || positions != 1) return std::nullopt;
    return token;
}

}  // namespace atlas::query
