// SPDX-License-Identifier: Apache-2.0
#include "client/url.h"

#include <charconv>

namespace atlas::client {
namespace {

bool is_port(std::string_view text) {
    unsigned port = 0;
    const char* end = text.data() + text.size();
    const auto [at, error] = std::from_chars(text.data(), end, port);
    return error == std::errc{} && at == end && port >= 1 && port <= 65535;
}

// Splits "host:port" or "[::1]:port"; an absent port stays empty.
bool split_authority(std::string_view text, Url& url) {
    if (text.starts_with('[')) {
        const auto close = text.find(']');
        if (close == std::string_view::npos) return false;
        url.host = text.substr(1, close - 1);
        text.remove_prefix(close + 1);
    } else {
        const auto colon = text.find(':');
        url.host = text.substr(0, colon);
        text.remove_prefix(colon == std::string_view::npos ? text.size() : colon);
    }
    if (url.host.empty()) return false;
    if (text.empty()) return true;
    url.port = text.substr(1);
    return text.front() == ':' && is_port(url.port);
}

bool is_unreserved(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

}  // namespace

std::string Url::authority() const {
    const bool v6 = host.find(':') != std::string::npos;
    return (v6 ? "[" + host + "]" : host) + ":" + port;
}

std::optional<Url> parse_url(std::string_view text) {
    if (text.starts_with("http://")) text.remove_prefix(7);
    if (text.find("://") != std::string_view::npos) return std::nullopt;
    if (text.find_first_of("?#@ ") != std::string_view::npos) return std::nullopt;
    Url url;
    const auto slash = text.find('/');
    if (slash != std::string_view::npos) url.path = text.substr(slash);
    while (url.path.ends_with('/')) url.path.pop_back();
    if (!split_authority(text.substr(0, slash), url)) return std::nullopt;
    if (url.port.empty()) url.port = "80";
    return url;
}

std::string percent_encode(std::string_view text) {
    static constexpr char kDigits[] = "0123456789ABCDEF";
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        if (is_unreserved(c)) {
            out += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        out += '%';
        out += kDigits[byte >> 4U];
        out += kDigits[byte & 15U];
    }
    return out;
}

Target& Target::add(std::string_view name, std::string_view value) {
    if (value.empty()) return *this;
    text_ += has_query_ ? '&' : '?';
    has_query_ = true;
    text_ += name;
    text_ += '=';
    text_ += percent_encode(value);
    return *this;
}

}  // namespace atlas::client
