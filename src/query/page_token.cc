// SPDX-License-Identifier: Apache-2.0
#include "query/page_token.h"

#include <xxhash.h>

#include <algorithm>
#include <array>

#include "base/byte_reader.h"
#include "pg/wire.h"

namespace atlas::query {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kMaxItems = 64;
constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

std::string to_base64url(std::string_view bytes) {
    std::string text;
    text.reserve((bytes.size() * 4 + 2) / 3);
    std::uint32_t bits = 0;
    int count = 0;
    for (const char c : bytes) {
        bits = bits << 8U | static_cast<unsigned char>(c);
        for (count += 8; count >= 6; count -= 6) text += kAlphabet[bits >> (count - 6) & 63U];
    }
    if (count > 0) text += kAlphabet[bits << (6 - count) & 63U];
    return text;
}

// nullopt also where the bits left over at the end are not zero: one token has one spelling.
std::optional<std::string> from_base64url(std::string_view text) {
    std::string bytes;
    std::uint32_t bits = 0;
    int count = 0;
    for (const char c : text) {
        const auto value = kAlphabet.find(c);
        if (c == '\0' || value == std::string_view::npos) return std::nullopt;
        bits = (bits << 6U | static_cast<std::uint32_t>(value)) & 0xFFFFU;
        count += 6;
        if (count >= 8) {
            count -= 8;
            bytes += static_cast<char>(bits >> count & 0xFFU);
        }
    }
    if (count >= 6 || (bits & ((1U << count) - 1)) != 0) return std::nullopt;
    return bytes;
}

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
        pg::append_big_endian(bytes, field ? static_cast<std::int32_t>(field->size()) : -1);
        if (field) bytes += *field;
    }
    for (const std::int64_t number : token.numbers) pg::append_big_endian(bytes, number);
    pg::append_big_endian(bytes, checksum(bytes, question));
    return to_base64url(bytes);
}

std::optional<PageToken> decode_page_token(std::string_view text, std::string_view question) {
    if (text.size() > kMaxPageTokenBytes) return std::nullopt;
    const auto bytes = from_base64url(text);
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
