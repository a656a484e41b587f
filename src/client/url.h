// SPDX-License-Identifier: Apache-2.0
//
// The address of a server as people write it, and the parts of a path as they travel.
//
// Threading  plain data; pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace atlas::client {

struct Url {
    std::string host;  // a name or an address, an IPv6 address without its brackets
    std::string port;
    std::string path;  // "" or "/prefix", without a final slash

    // The value of the Host header.
    std::string authority() const;
};

// "http://host[:port][/prefix]"; the scheme may be left out. nullopt for any other scheme, a user
// name, a query, or a port that is no number from 1 to 65535.
std::optional<Url> parse_url(std::string_view text);

// Percent-encodes all but letters, digits and "-._~": one segment of a path, or a query value.
std::string percent_encode(std::string_view text);

// Builds "path?a=1&b=2", encoding the values; empty values are left out.
class Target {
public:
    explicit Target(std::string path) : text_(std::move(path)) {}
    Target& add(std::string_view name, std::string_view value);
    const std::string& str() const { return text_; }

private:
    std::string text_;
    bool has_query_ = false;
};

}  // namespace atlas::client
