// SPDX-License-Identifier: Apache-2.0
//
// Where a list or a series continues: an opaque text that clients send back.
//
// Layout, before base64url: version, the numbers of fields and numbers, fields with their length in
// front, numbers, and a checksum of all of it together with the request (filter, order, range). So
// a damaged token, a truncated one, and one of another request are all refused. It is no secret: it
// can only name a place in the caller's own data.
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
    std::vector<std::optional<std::string>> fields;  // nullopt: the value was absent
    std::vector<std::int64_t> numbers;
};

// `question` is the canonical text of everything that must be the same on the next page. At most
// 64 fields and 64 numbers.
std::string encode_page_token(const PageToken& token, std::string_view question);

// nullopt when the text is damaged, longer than kMaxPageTokenBytes, or of another question.
std::optional<PageToken> decode_page_token(std::string_view text, std::string_view question);

}  // namespace atlas::query
