// SPDX-License-Identifier: Apache-2.0
//
// Content codings: request bodies decoded as they arrive, within a limit, and responses compressed.
//
// Threading  one thread at a time per object.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace atlas::http {

enum class Coding : std::uint8_t { identity, gzip, zstd };

// What requests may be encoded in, as Accept-Encoding names it in a 415.
inline constexpr std::string_view kAcceptedCodings = "gzip, zstd, identity";

// The value of Content-Encoding; nullopt for one that is not read here, or several at once.
std::optional<Coding> parse_content_encoding(std::string_view value);

// The best coding that Accept-Encoding (RFC 9110) allows; identity when in doubt.
Coding negotiate(std::string_view accept_encoding);
bool accepts(std::string_view accept_encoding, Coding coding);

std::string_view to_string(Coding coding);

enum class DecodeStatus : std::uint8_t {
    ok,
    too_large,  // more than the limit, encoded or decoded
    corrupt,    // not what the header says, or cut short
};

// Appends what a body decodes to. Concatenated gzip members and zstd frames are one body.
class BodyDecoder {
public:
    // `limit` bounds what comes in and what goes out, each.
    static std::unique_ptr<BodyDecoder> make(Coding coding, std::size_t limit);
    virtual ~BodyDecoder() = default;

    // After anything but ok the decoder is of no further use.
    virtual DecodeStatus write(std::string_view chunk, std::string& out) = 0;
    // Whether the body may end here. An empty body may.
    virtual DecodeStatus finish() = 0;
    // Memory that the decoder itself holds; never more than kMostMemory.
    virtual std::size_t memory() const { return 0; }
    static constexpr std::size_t kMostMemory = std::size_t{20} << 20U;
};

std::string compress(Coding coding, std::string_view text);

}  // namespace atlas::http
