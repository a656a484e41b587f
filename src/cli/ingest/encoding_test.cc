// SPDX-License-Identifier: Apache-2.0
#include "cli/ingest/encoding.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/server.h"

namespace atlas::cli {
namespace {

using testing::HasSubstr;

// The text in blocks of `size` bytes.
std::string decode(std::string_view bytes, std::optional<Encoding> encoding, std::size_t size) {
    TextDecoder decoder(encoding, "file");
    std::string out;
    for (std::size_t at = 0; at < bytes.size(); at += size) {
        const std::size_t before = out.size();
        out += bytes.substr(at, size);
        decoder.convert(out, before);
    }
    decoder.finish(out);
    return out;
}

std::string refusal(std::string_view bytes, std::optional<Encoding> encoding, std::size_t size) {
    try {
        decode(bytes, encoding, size);
    } catch (const CommandError& error) {
        return error.what();
    }
    return "none";
}

// Goal: the same text comes out, wherever blocks end.
TEST(Encoding, DecodesBlockByBlock) {
    const std::string text = "Käse,5 €\n日本,🛰\n";
    const std::string utf16(
        "\xFF\xFE"
        "K\0\xE4\0,\0\xAC\x20\n\0\x3D\xD8\xF0\xDE",
        16);
    const std::string big("\xFE\xFF\0K\0\xE4\0,\x20\xAC\0\n\xD8\x3D\xDE\xF0", 16);
    for (std::size_t size = 1; size < 40; ++size) {
        EXPECT_EQ(decode(text, std::nullopt, size), text) << size;
        EXPECT_EQ(decode("\xEF\xBB\xBF" + text, std::nullopt, size), text) << size;
        EXPECT_EQ(decode("K\xE4se", Encoding::latin1, size), "Käse") << size;
        EXPECT_EQ(decode("\x80 \x93x\x94 \xFC", Encoding::windows1252, size), "€ “x” ü") << size;
        EXPECT_EQ(decode(utf16, std::nullopt, size), "Kä,€\n🛰") << size;
        EXPECT_EQ(decode(utf16.substr(2), Encoding::utf16, size), "Kä,€\n🛰") << size;
        EXPECT_EQ(decode(big, Encoding::utf16, size), "Kä,€\n🛰") << size;
    }
    EXPECT_EQ(decode("", std::nullopt, 1), "");
    EXPECT_EQ(decode("a", std::nullopt, 1), "a");
}

TEST(Encoding, RefusesTheFirstBadByteWithItsLine) {
    for (const std::size_t size : {1U, 3U, 100U}) {
        EXPECT_THAT(refusal("a,b\nü\nK\xE4se\n\xFF", std::nullopt, size),
                    AllOf(HasSubstr("line 3"), HasSubstr("0xE4"), HasSubstr("--encoding")));
        EXPECT_THAT(refusal("a\rb\rK\xE4se", std::nullopt, size), HasSubstr("line 3"));
        EXPECT_THAT(refusal("ab\nx\x80", Encoding::latin1, size),
                    AllOf(HasSubstr("line 2"), HasSubstr("windows-1252")));
        EXPECT_THAT(refusal("ab\nx\x81", Encoding::windows1252, size), HasSubstr("line 2"));
        EXPECT_THAT(refusal("abc\xC3", std::nullopt, size), HasSubstr("line 1"));
    }
    const std::string half(
        "\xFF\xFE"
        "a\0\n\0\0\xDC",
        8);
    EXPECT_THAT(refusal(half, std::nullopt, 100), HasSubstr("line 2"));
    EXPECT_THAT(refusal(std::string("a\0b\0", 4), std::nullopt, 100), HasSubstr("utf-16"));
    EXPECT_THAT(refusal(std::string("a\0b", 3), Encoding::utf16, 100), HasSubstr("inside"));
}

TEST(Encoding, GoesByItsUsualNames) {
    EXPECT_EQ(parse_encoding("UTF-8"), Encoding::utf8);
    EXPECT_EQ(parse_encoding("ISO-8859-1"), Encoding::latin1);
    EXPECT_EQ(parse_encoding("cp1252"), Encoding::windows1252);
    EXPECT_EQ(parse_encoding("utf16"), Encoding::utf16);
    EXPECT_FALSE(parse_encoding("ebcdic"));
}

}  // namespace
}  // namespace atlas::cli
