// SPDX-License-Identifier: Apache-2.0
#include "http/server/auth.h"

#include <boost/beast/core/detail/base64.hpp>

#include <algorithm>
#include <array>
#include <charconv>

namespace atlas::http {
namespace {

bool equal_ignoring_case(std::string_view a, std::string_view b) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; };
    return std::ranges::equal(a, b, {}, lower, lower);
}

bool ends_with_ignoring_case(std::string_view text, std::string_view suffix) {
    return text.size() >= suffix.size() &&
           equal_ignoring_case(text.substr(text.size() - suffix.size()), suffix);
}

// The password in "user:password"; a password may hold colons, a user name may not.
std::string basic_password(std::string_view encoded) {
    namespace base64 = boost::beast::detail::base64;
    std::string decoded(base64::decoded_size(encoded.size()), '\0');
    const auto [written, read] = base64::decode(decoded.data(), encoded.data(), encoded.size());
    decoded.resize(written);
    if (encoded.substr(read).find_first_not_of('=') != std::string_view::npos) return {};
    const auto colon = decoded.find(':');
    return colon == std::string::npos ? std::string() : decoded.substr(colon + 1);
}

std::string_view without_port(std::string_view host) {
    if (host.starts_with('[')) {
        const auto end = host.find(']');
        const std::string_view rest = end == std::string_view::npos ? "" : host.substr(end + 1);
        return rest.empty() || rest.starts_with(':') ? host.substr(0, end + 1) : std::string_view();
    }
    return host.substr(0, host.find(':'));
}

// 127.a.b.c with four decimal numbers.
bool is_loopback_v4(std::string_view host) {
    if (!host.starts_with("127.")) return false;
    int parts = 0;
    for (const char* at = host.data(); at != host.data() + host.size(); ++parts) {
        std::uint8_t part = 0;
        const auto [end, error] = std::from_chars(at, host.data() + host.size(), part);
        if (error != std::errc{}) return false;
        if (end == host.data() + host.size()) return parts == 3;
        if (*end != '.') return false;
        at = end + 1;
    }
    return false;
}

}  // namespace

std::string_view to_string(Scope scope) {
    switch (scope) {
        case Scope::none: return "none";
        case Scope::read: return "read";
        case Scope::write: return "write";
        case Scope::admin: break;
    }
    return "admin";
}

std::optional<Scope> parse_scope(std::string_view word) {
    for (const Scope scope : {Scope::read, Scope::write, Scope::admin}) {
        if (word == to_string(scope)) return scope;
    }
    return std::nullopt;
}

std::string parse_authorization(std::string_view header) {
    const auto blank = header.find(' ');
    if (blank == std::string_view::npos) return {};
    const std::string_view scheme = header.substr(0, blank);
    std::string_view value = header.substr(blank);
    while (value.starts_with(' ')) value.remove_prefix(1);
    while (value.ends_with(' ')) value.remove_suffix(1);
    if (equal_ignoring_case(scheme, "Basic")) return basic_password(value);
    if (equal_ignoring_case(scheme, "Bearer") || equal_ignoring_case(scheme, "Token")) {
        return std::string(value);
    }
    return {};
}

std::string parse_influx_credentials(std::string_view header,
                                     std::vector<std::pair<std::string, std::string>>& query) {
    std::string secret = parse_authorization(header);
    // A token of ours has no colon; the password of Basic may have.
    const auto colon = secret.find(':');
    if (colon != std::string::npos && !equal_ignoring_case(header.substr(0, 5), "Basic")) {
        secret.erase(0, colon + 1);
    }
    for (const auto& [name, value] : query) {
        if (secret.empty() && name == "p") secret = value;
    }
    std::erase_if(query, [](const auto& pair) { return pair.first == "u" || pair.first == "p"; });
    return secret;
}

bool is_loopback_host(std::string_view host) {
    const std::string_view name = without_port(host);
    return equal_ignoring_case(name, "localhost") || ends_with_ignoring_case(name, ".localhost") ||
           name == "[::1]" || is_loopback_v4(name);
}

bool is_same_origin(std::string_view origin, std::string_view host) {
    for (const std::string_view scheme : {"http://", "https://"}) {
        if (origin.starts_with(scheme)) {
            return equal_ignoring_case(origin.substr(scheme.size()), host);
        }
    }
    return false;
}

}  // namespace atlas::http
