// SPDX-License-Identifier: Apache-2.0
//
// base64url without padding (RFC 4648, section 5): bytes as text that fits into a URL.
//
// Threading  pure functions; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace atlas {

// The text, a third longer than the bytes.
std::string encode_base64url(std::string_view bytes);

// The bytes; nullopt for a character outside the alphabet, a length that no bytes have, or bits set
// beyond the last byte: each byte sequence has exactly one spelling.
std::optional<std::string> decode_base64url(std::string_view text);

}  // namespace atlas
