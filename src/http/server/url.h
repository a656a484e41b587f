// SPDX-License-Identifier: Apache-2.0
//
// The request target: split first, percent-decoded after, so that an encoded slash belongs to its
// segment. Bytes in, parts out; no I/O, fuzzed.
//
// Threading  pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace atlas::http {

// nullopt for a percent sign without two hexadecimal digits.
std::optional<std::string> percent_decode(std::string_view text, bool plus_is_blank = false);

// Everything but unreserved characters (RFC 3986) encoded.
std::string percent_encode(std::string_view text);

struct Target {
    std::string authority;  // of an absolute target ("GET http://host/path"), else empty
    std::string path;       // decoded; ambiguous where a segment holds a slash
    std::vector<std::string> segments;  // "/v1/a%2Fb" → {"v1", "a/b"}; "/" → {}
    std::vector<std::pair<std::string, std::string>> query;
};

// All of them are the client's mistake, 400.
enum class TargetError : std::uint8_t {
    not_a_path,  // neither /… nor http://…
    bad_escape,  // a percent sign without two hexadecimal digits
    not_utf8,    // the decoded bytes are not UTF-8
};

Result<Target, TargetError> parse_target(std::string_view raw);

}  // namespace atlas::http
