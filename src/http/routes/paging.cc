// SPDX-License-Identifier: Apache-2.0
#include "http/routes/paging.h"

#include <fmt/format.h>
#include <simdjson.h>
#include <xxhash.h>

#include <algorithm>
#include <charconv>

#include "http/server/problem.h"

namespace atlas::http {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

std::string fingerprint(const Request& request, std::string_view scope) {
    const std::string text = fmt::format("{} {}", request.tenant.value, scope);
    return fmt::format("{:016x}", XXH64(text.data(), text.size(), 0));
}

Result<int, Response> read_size(const Request& request) {
    const std::string* text = request.query_value("page_size");
    if (text == nullptr) return Page{}.size;
    std::uint32_t size = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), size);
    if (error == std::errc::result_out_of_range && text->front() != '-') return kMaxPageSize;
    if (error != std::errc{} || end != text->data() + text->size()) {
        return failure(invalid_parameter(
            "page_size", fmt::format("page_size is a number from 1 to {}.", kMaxPageSize)));
    }
    if (size == 0) {
        return failure(invalid_parameter("page_size", "page_size is at least 1."));
    }
    return static_cast<int>(std::min<std::uint32_t>(size, kMaxPageSize));
}

// What a key can be: the fingerprint keeps nobody from making a token of his own.
bool is_text(std::string_view key) {
    return simdjson::validate_utf8(key.data(), key.size()) &&
           key.find('\0') == std::string_view::npos;
}

Response damaged() {
    return problem(
        "invalid_page_token", 400, "Invalid page token",
        "This page_token is damaged, or belongs to another list or filter; begin without "
        "one.");
}

}  // namespace

std::string encode_base64url(std::string_view bytes) {
    std::string out;
    std::uint32_t held = 0;
    int bits = 0;
    for (const char c : bytes) {
        held = held << 8U | static_cast<unsigned char>(c);
        for (bits += 8; bits >= 6;) {
            bits -= 6;
            out += kAlphabet[held >> bits & 63U];
        }
    }
    if (bits > 0) out += kAlphabet[held << (6 - bits) & 63U];
    return out;
}

std::optional<std::string> decode_base64url(std::string_view text) {
    std::string out;
    std::uint32_t held = 0;
    int bits = 0;
    for (const char c : text) {
        const auto value = kAlphabet.find(c);
        if (value == std::string_view::npos) return std::nullopt;
        held = held << 6U | static_cast<std::uint32_t>(value);
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            out += static_cast<char>(held >> bits & 255U);
        }
    }
    // What is left over are the zero bits that filled up the last letter, never a whole letter.
    if (bits >= 6 || (held & ((1U << bits) - 1U)) != 0) return std::nullopt;
    return out;
}

Result<Page, Response> read_page(const Request& request, std::string_view scope) {
    const auto size = read_size(request);
    if (!size) return failure(size.error());
    Page page{.size = *size, .after = {}};
    const std::string* token = request.query_value("page_token");
    if (token == nullptr || token->empty()) return page;
    const auto decoded = decode_base64url(*token);
    const std::string expected = fingerprint(request, scope);
    if (!decoded || !decoded->starts_with(expected)) {
        return failure(damaged());
    }
    page.after = decoded->substr(expected.size());
    if (!is_text(page.after)) return failure(damaged());
    return page;
}

std::string make_page_token(const Request& request, std::string_view scope,
                            std::string_view last_key) {
    return encode_base64url(fingerprint(request, scope).append(last_key));
}

}  // namespace atlas::http
