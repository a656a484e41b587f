// SPDX-License-Identifier: Apache-2.0
#include "base/base64url.h"

#include <gtest/gtest.h>

namespace atlas {
namespace {

// The vectors of RFC 4648, section 10, without padding; the last one has both letters of its own.
TEST(Base64Url, EncodesAndDecodesTheVectorsOfTheRfc) {
    const std::pair<std::string_view, std::string_view> vectors[] = {
        {"", ""},           {"f", "Zg"},          {"fo", "Zm8"},          {"foo", "Zm9v"},
        {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}, {"\xfb\xff", "-_8"}};
    for (const auto& [bytes, text] : vectors) {
        EXPECT_EQ(encode_base64url(bytes), text);
        EXPECT_EQ(decode_base64url(text), bytes);
    }
}

TEST(Base64Url, RefusesEverySecondSpelling) {
    for (const std::string_view text : {"A", "Zh", "Zm9", "Zg==", "+w", "Zm 8", "Zm9vY"}) {
        EXPECT_EQ(decode_base64url(text), std::nullopt) << text;
    }
    EXPECT_EQ(decode_base64url(std::string_view("\0\0", 2)), std::nullopt);
}

}  // namespace
}  // namespace atlas
