// SPDX-License-Identifier: Apache-2.0
//
// Turns the bytes of a file into UTF-8, block by block, and refuses those that are none in its
// encoding.
//
//     Input → [TextDecoder] → UTF-8 → readers
//
// Lifetime   one per file, from its first byte on.
// Threading  one thread at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace atlas::cli {

enum class Encoding : std::uint8_t { utf8, latin1, windows1252, utf16 };

// utf-8, latin1, windows-1252, utf-16 and their usual aliases; nullopt for any other word.
std::optional<Encoding> parse_encoding(std::string_view word);

class TextDecoder {
public:
    // nullopt: UTF-8, unless a byte order mark says UTF-16. `file` is for messages.
    TextDecoder(std::optional<Encoding> encoding, std::string file);

    // Replaces the bytes of `text` from `from` on, which follow those of the call before, by their
    // UTF-8. A character that they begin and do not end is held back. A byte order mark is removed.
    // Throws CommandError, which names the line, for a byte that is none in the encoding.
    void convert(std::string& text, std::size_t from);
    // At the end of the input: throws CommandError when it ends inside a character.
    void finish(std::string& text);

private:
    void begin(std::string& text, std::size_t from);
    void check_utf8(std::string& text, std::size_t from);
    std::string from_single_bytes(std::string_view bytes) const;
    std::string from_utf16(std::string_view bytes);
    [[noreturn]] void refuse(std::string_view before, std::string_view what) const;
    void count_lines(std::string_view text);

    std::optional<Encoding> encoding_;
    std::string file_;
    bool begun_ = false;
    bool big_endian_ = false;
    bool ending_ = false;
    std::string held_;  // the beginning of a character, as it was read
    std::uint64_t feeds_ = 0;
    std::uint64_t returns_ = 0;  // of those, and of carriage returns, so far
};

}  // namespace atlas::cli
