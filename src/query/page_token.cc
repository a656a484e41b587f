// SPDX-License-Identifier: Apache-2.0
#include "query/page_token.h"

#include <xxhash.h>

#include "base/base64url.h"
#include "base/big_endian.h"
#include "base/byte_reader.h"

namespace atlas::query {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kMaxItems = 64;
std::int64_t checksum(std::string_view payload, std::string_view question) {
    const auto seed = XXH3_64bits(question.data(), question.size());
    return static_cast<std::int64_t>(XXH3_64bits_withSeed(payload.data(), payload.size(), seed));
}

}  // namespace

std::string encode_page_token(const PageToken& token, std::string_view question) {
    std::string bytes(1, static_cast<char>(kVersion));
    bytes += static_cast<char>(token.fields.size());
    bytes += static_cast<char>(token.numbers.size());
    for (const auto& field : token.fields) {
        append_big_endian(bytes, field ? static_cast<std::int32_t>(field->size()) : -1);
        if (field) bytes += *field;
    }
    for (const std::int64_t number : token.numbers) append_big_endian(bytes, number);
    append_big_endian(bytes, checksum(bytes, question));
    return encode_base64url(bytes);
}

std::optional<PageToken> decode_page_token(std::string_view text, std::string_view question) {
    if (text.size() > kMaxPageTokenBytes) return std::nullopt;
    const auto bytes = decode_base64url(text);
    if (!bytes || bytes->size() < 8) return std::nullopt;
    const std::string_view payload(bytes->data(), bytes->size() - 8);
    if (ByteReader(std::string_view(*bytes).substr(payload.size())).int8() !=
        checksum(payload, question)) {
        return std::nullopt;
    }
    ByteReader reader(payload);
    const auto version = reader.byte();
    const std::size_t fields = reader.byte();
    const std::size_t numbers = reader.byte();
    if (version != kVersion || fields > kMaxItems || numbers > kMaxItems) return std::nullopt;
    PageToken token;
    for (std::size_t i = 0; i < fields; ++i) {
        const std::int32_t size = reader.int4();
        if (size < 0) {
            token.fields.emplace_back();
        } else {
            token.fields.emplace_back(reader.bytes(size));
        }
    }
    for (std::size_t i = 0; i < numbers; ++i) token.numbers.push_back(reader.int8());
    if (!reader.at_end()) return std::nullopt;
    return token;
}

}  // namespace atlas::query
