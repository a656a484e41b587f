// SPDX-License-Identifier: Apache-2.0
#include "http/server/coding.h"

#include <gtest/gtest.h>

namespace atlas::http {
namespace {

DecodeStatus decode(Coding coding, std::string_view text, std::string& out,
                    std::size_t limit = 1000, std::size_t piece = 3) {
    const auto decoder = BodyDecoder::make(coding, limit);
    for (std::size_t at = 0; at < text.size(); at += piece) {
        const auto status = decoder->write(text.substr(at, piece), out);
        if (status != DecodeStatus::ok) return status;
    }
    return decoder->finish();
}

TEST(Coding, ReadsContentEncoding) {
    EXPECT_EQ(parse_content_encoding(""), Coding::identity);
    EXPECT_EQ(parse_content_encoding(" Identity "), Coding::identity);
    EXPECT_EQ(parse_content_encoding("GZIP"), Coding::gzip);
    EXPECT_EQ(parse_content_encoding("x-gzip"), Coding::gzip);
    EXPECT_EQ(parse_content_encoding("zstd"), Coding::zstd);
    EXPECT_EQ(parse_content_encoding("br"), std::nullopt);
    EXPECT_EQ(parse_content_encoding("gzip, gzip"), std::nullopt);
}

TEST(Coding, NegotiatesWhatIsAllowed) {
    EXPECT_EQ(negotiate(""), Coding::identity);
    EXPECT_EQ(negotiate("gzip, deflate, br"), Coding::gzip);
    EXPECT_EQ(negotiate("gzip, deflate, br, zstd"), Coding::zstd);
    EXPECT_EQ(negotiate("zstd;q=0, gzip;q=0.5"), Coding::gzip);
    EXPECT_EQ(negotiate("gzip;q=0.000"), Coding::identity);
    EXPECT_EQ(negotiate("gzip;q=0.001"), Coding::gzip);
    EXPECT_EQ(negotiate("*"), Coding::identity);
}

TEST(Coding, EveryCodingComesBackInPieces) {
    const std::string text = "hello, hello, hello, hello";
    for (const Coding coding : {Coding::identity, Coding::gzip, Coding::zstd}) {
        std::string out;
        EXPECT_EQ(decode(coding, compress(coding, text), out), DecodeStatus::ok);
        EXPECT_EQ(out, text);
    }
}

TEST(Coding, SeveralMembersAreOneBody) {
    for (const Coding coding : {Coding::gzip, Coding::zstd}) {
        std::string out;
        const std::string two =
            compress(coding, "one,") + compress(coding, "") + compress(coding, "two");
        EXPECT_EQ(decode(coding, two, out), DecodeStatus::ok);
        EXPECT_EQ(out, "one,two");
    }
}

// Goal: a body that ends where a step of the decoder does is whole, however it came.
TEST(Coding, BodiesOfWholeStepsAreComplete) {
    for (const Coding coding : {Coding::gzip, Coding::zstd}) {
        for (const std::size_t size : {65535U, 65536U, 65537U, 131072U}) {
            const std::string text(size, 'x');
            const std::string one = compress(coding, text);
            for (const std::size_t piece : {one.size(), std::size_t{1}, std::size_t{7}}) {
                std::string out;
                EXPECT_EQ(decode(coding, one, out, 400'000, piece), DecodeStatus::ok) << size;
                EXPECT_EQ(out, text);
                out.clear();
                EXPECT_EQ(decode(coding, one + one + one, out, 400'000, piece), DecodeStatus::ok);
                EXPECT_EQ(out.size(), 3 * size);
            }
            std::string out;
            EXPECT_EQ(decode(coding, one.substr(0, one.size() - 1), out, 400'000, one.size()),
                      DecodeStatus::corrupt);
        }
    }
}

// Goal: no proper prefix of an encoded body passes for the whole.
TEST(Coding, CutAtAnyByteIsCorrupt) {
    for (const Coding coding : {Coding::gzip, Coding::zstd}) {
        const std::string whole = compress(coding, "some text that is some text");
        for (std::size_t size = 1; size < whole.size(); ++size) {
            std::string out;
            EXPECT_EQ(decode(coding, whole.substr(0, size), out), DecodeStatus::corrupt) << size;
        }
    }
}

TEST(Coding, TheLimitHoldsOnBothSides) {
    const std::string text(1001, 'x');
    for (const Coding coding : {Coding::identity, Coding::gzip, Coding::zstd}) {
        std::string out;
        EXPECT_EQ(decode(coding, compress(coding, text), out), DecodeStatus::too_large);
        EXPECT_LE(out.size(), 1000U);
        out.clear();
        EXPECT_EQ(decode(coding, compress(coding, text.substr(1)), out), DecodeStatus::ok);
        EXPECT_EQ(out.size(), 1000U);
    }
    // Members that hold nothing cost input, too.
    std::string empty;
    for (int i = 0; i < 100; ++i) empty += compress(Coding::gzip, "");
    std::string out;
    EXPECT_EQ(decode(Coding::gzip, empty, out), DecodeStatus::too_large);
}

TEST(Coding, GarbageIsCorrupt) {
    for (const Coding coding : {Coding::gzip, Coding::zstd}) {
        std::string out;
        EXPECT_EQ(decode(coding, "this is neither", out), DecodeStatus::corrupt);
        EXPECT_EQ(decode(coding, compress(coding, "text") + "tail", out), DecodeStatus::corrupt);
    }
}

}  // namespace
}  // namespace atlas::http
