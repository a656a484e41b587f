// SPDX-License-Identifier: Apache-2.0
#include "http/server/url.h"

#include <simdjson.h>

namespace atlas::http {
namespace {

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

bool is_unreserved(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

Result<std::string, TargetError> decode(std::string_view text, bool plus_is_blank) {
    auto decoded = percent_decode(text, plus_is_blank);
    if (!decoded) return failure(TargetError::bad_escape);
    if (!simdjson::validate_utf8(decoded->data(), decoded->size())) {
        return failure(TargetError::not_utf8);
    }
    return std::move(*decoded);
}

Result<void, TargetError> parse_path(std::string_view path, Target& target) {
    auto whole = decode(path, false);
    if (!whole) return failure(whole.error());
    target.path = std::move(*whole);
    path.remove_prefix(1);
    while (!path.empty() || !target.segments.empty()) {
        const auto slash = path.find('/');
        auto segment = decode(path.substr(0, slash), false);
        if (!segment) return failure(segment.error());
        target.segments.push_back(std::move(*segment));
        if (slash == std::string_view::npos) break;
        path.remove_prefix(slash + 1);
    }
    return {};
}

Result<void, TargetError> parse_query(std::string_view query, Target& target) {
    while (!query.empty()) {
        const auto end = query.find('&');
        const std::string_view pair = query.substr(0, end);
        query.remove_prefix(end == std::string_view::npos ? query.size() : end + 1);
        if (pair.empty()) continue;
        const auto equals = pair.find('=');
        auto name = decode(pair.substr(0, equals), true);
        if (!name) return failure(name.error());
        auto value = decode(equals == std::string_view::npos ? "" : pair.substr(equals + 1), true);
        if (!value) return failure(value.error());
        target.query.emplace_back(std::move(*name), std::move(*value));
    }
    return {};
}

}  // namespace

std::optional<std::string> percent_decode(std::string_view text, bool plus_is_blank) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%') {
            const bool whole = i + 2 < text.size();
            const int high = whole ? hex_digit(text[i + 1]) : -1;
            const int low = whole ? hex_digit(text[i + 2]) : -1;
            if (high < 0 || low < 0) return std::nullopt;
            out += static_cast<char>(high * 16 + low);
            i += 2;
        } else {
            out += plus_is_blank && text[i] == '+' ? ' ' : text[i];
        }
    }
    return out;
}

std::string percent_encode(std::string_view text) {
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        if (is_unreserved(c)) {
            out += c;
        } else {
            const auto byte = static_cast<unsigned char>(c);
            out += '%';
            out += kDigits[byte >> 4U];
            out += kDigits[byte & 15U];
        }
    }
    return out;
}

Result<Target, TargetError> parse_target(std::string_view raw) {
    Target target;
    if (constexpr std::string_view kScheme = "http://"; raw.starts_with(kScheme)) {
        raw.remove_prefix(kScheme.size());
        const auto end = raw.find('/');
        target.authority = raw.substr(0, end);
        raw.remove_prefix(end == std::string_view::npos ? raw.size() : end);
        if (target.authority.empty()) return failure(TargetError::not_a_path);
        if (raw.empty()) raw = "/";
    }
    if (raw.empty() || raw.front() != '/') return failure(TargetError::not_a_path);
    raw = raw.substr(0, raw.find('#'));
    const auto question = raw.find('?');
    if (auto path = parse_path(raw.substr(0, question), target); !path) {
        return failure(path.error());
    }
    if (question != std::string_view::npos) {
        if (auto query = parse_query(raw.substr(question + 1), target); !query) {
            return failure(query.error());
        }
    }
    return target;
}

}  // namespace atlas::http
