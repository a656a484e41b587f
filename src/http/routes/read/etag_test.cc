// SPDX-License-Identifier: Apache-2.0
#include "http/routes/read/etag.h"

#include <gtest/gtest.h>

namespace atlas::http {
namespace {

TEST(Etag, FollowsWhatIsSaid) {
    const std::string etag = etag_of(R"({"entity":"pump-7")");
    EXPECT_EQ(etag, etag_of(R"({"entity":"pump-7")"));
    EXPECT_NE(etag, etag_of(R"({"entity":"pump-8")"));
    EXPECT_EQ(etag.size(), 26U);
    EXPECT_TRUE(etag.starts_with("W/\"") && etag.ends_with('"'));
}

TEST(Etag, ListsOfThemAreRead) {
    const std::string etag = "W/\"abc\"";
    for (const char* list : {"W/\"abc\"", "\"abc\"", "*", "\"x\", W/\"abc\"", "\"x,y\",\"abc\"",
                             " ,, W/\"x\",\t\"abc\" ,"}) {
        EXPECT_TRUE(names_etag(list, etag)) << list;
    }
    for (const char* list : {"", " ", "abc", "\"abc", "\"ab\"", "\"abcd\"", "\"x, W/abc\"", "W/",
                             ",", "\"x\" nonsense \"abc\""}) {
        EXPECT_FALSE(names_etag(list, etag)) << list;
    }
}

}  // namespace
}  // namespace atlas::http
