// SPDX-License-Identifier: Apache-2.0
#include "query/page_token.h"

#include <gtest/gtest.h>

namespace atlas::query {
namespace {

const PageToken kToken{.fields = {"8", std::nullopt, std::string("\0ü", 3), ""},
                       .numbers = {-1, std::int64_t{1} << 62U}};

TEST(PageToken, ReadsBackWhatWasWritten) {
    const std::string text = encode_page_token(kToken, "filter");
    const auto back = decode_page_token(text, "filter");
    ASSERT_TRUE(back);
    EXPECT_EQ(back->fields, kToken.fields);
    EXPECT_EQ(back->numbers, kToken.numbers);
    EXPECT_EQ(text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                     "0123456789-_"),
              std::string::npos);
}

// Goal: another question, every cut and every changed character are refused.
TEST(PageToken, RefusesWhatIsNotItsOwn) {
    const std::string text = encode_page_token(kToken, "filter");
    EXPECT_FALSE(decode_page_token(text, "filter2"));
    EXPECT_FALSE(decode_page_token("", "filter"));
    EXPECT_FALSE(decode_page_token(text + "A", "filter"));
    for (std::size_t i = 0; i < text.size(); ++i) {
        EXPECT_FALSE(decode_page_token(text.substr(0, i), "filter"));
        for (const char c : std::string_view("AZaz09-_=+/ \xff")) {
            std::string changed = text;
            changed[i] = c;
            if (changed != text) EXPECT_FALSE(decode_page_token(changed, "filter")) << changed;
        }
    }
    EXPECT_FALSE(decode_page_token(std::string(kMaxPageTokenBytes + 1, 'A'), "filter"));
}

}  // namespace
}  // namespace atlas::query
