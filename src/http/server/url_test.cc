// SPDX-License-Identifier: Apache-2.0
#include "http/server/url.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace atlas::http {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

TEST(ParseTarget, SplitsBeforeItDecodes) {
    const auto target = parse_target("/v1/a%2Fb/%C3%A9?x=1%262&y=a+b%2B&flag&=v&&z==");
    ASSERT_TRUE(target);
    EXPECT_EQ(target->path, "/v1/a/b/é");
    EXPECT_THAT(target->segments, ElementsAre("v1", "a/b", "é"));
    EXPECT_THAT(target->query, ElementsAre(Pair("x", "1&2"), Pair("y", "a b+"), Pair("flag", ""),
                                           Pair("", "v"), Pair("z", "=")));
}

TEST(ParseTarget, KeepsEmptySegments) {
    EXPECT_THAT(parse_target("/")->segments, IsEmpty());
    EXPECT_THAT(parse_target("/a/")->segments, ElementsAre("a", ""));
    EXPECT_THAT(parse_target("//a")->segments, ElementsAre("", "a"));
}

TEST(ParseTarget, PlusIsABlankInParametersOnly) {
    EXPECT_THAT(parse_target("/a+b?a+b=c+d")->segments, ElementsAre("a+b"));
    EXPECT_THAT(parse_target("/a+b?a+b=c+d")->query, ElementsAre(Pair("a b", "c d")));
}

TEST(ParseTarget, TakesAbsoluteTargets) {
    const auto target = parse_target("http://localhost:8470/v1/x?y=1");
    EXPECT_EQ(target->authority, "localhost:8470");
    EXPECT_EQ(target->path, "/v1/x");
    EXPECT_EQ(parse_target("http://localhost")->path, "/");
}

TEST(ParseTarget, SaysWhatIsWrong) {
    EXPECT_EQ(parse_target("").error(), TargetError::not_a_path);
    EXPECT_EQ(parse_target("*").error(), TargetError::not_a_path);
    EXPECT_EQ(parse_target("http:///x").error(), TargetError::not_a_path);
    EXPECT_EQ(parse_target("/%").error(), TargetError::bad_escape);
    EXPECT_EQ(parse_target("/%4").error(), TargetError::bad_escape);
    EXPECT_EQ(parse_target("/a?b=%g0").error(), TargetError::bad_escape);
    EXPECT_EQ(parse_target("/%ff").error(), TargetError::not_utf8);
    EXPECT_EQ(parse_target("/a?%c3").error(), TargetError::not_utf8);
}

TEST(PercentEncode, IsUndoneByDecoding) {
    std::string all;
    for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
    const std::string encoded = percent_encode(all);
    EXPECT_EQ(percent_decode(encoded), all);
    EXPECT_EQ(encoded.find('/'), std::string::npos);
    EXPECT_EQ(percent_encode("a-b_c.d~1"), "a-b_c.d~1");
}

}  // namespace
}  // namespace atlas::http
