// SPDX-License-Identifier: Apache-2.0
//
// Where a list or a series goes on: an opaque text that clients hand back.
//
// Layout, before base64url: version, fields of a varying length each with its length in front, and
// a checksum of all of it together with what was asked (filter, order, range). So a damaged token,
// one cut short, and one made for another question are all refused; it is no secret, and needs to
// be none: it can only name a place in the caller's own data.
//
// Threading  pure functions; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace atlas::query {

inline constexpr std::size_t kMaxPageTokenBytes = 64 * 1024;

struct PageToken {
    std::vector<std::optional<std::string>> fields;  // empty optional: the value was absent
    std::vector<std::int64_t> numbers;
};

// `question` is the canonical text of everything that must be the same on the next page.
std::string encode_page_token(const PageToken& token, std::string_view question);

// nullopt when it is no token of ours for this question.
std::optional<PageToken> decode_page_token(std::string_view text, std::string_view question);

}  // namespace atlas::query
