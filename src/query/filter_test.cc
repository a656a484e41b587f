// SPDX-License-Identifier: Apache-2.0
#include "query/filter.h"

#include <gtest/gtest.h>

#include "query/filter_lexer.h"
#include "query/test_filter.h"

namespace atlas::query {
namespace {

std::string parsed(std::string_view text) {
    auto filter = parse_filter(text);
    if (!filter) return "error at " + std::to_string(filter.error().position.value_or(999));
    if (auto bound = bind_filter(*filter, filter_catalog()); !bound) {
        return std::string(to_string(bound.error().code)) + " at " +
               std::to_string(bound.error().position.value_or(999));
    }
    return shape(*filter);
}

TEST(Filter, GrammarOfTheContract) {
    EXPECT_EQ(parsed(""), "*");
    EXPECT_EQ(parsed("  \n "), "*");
    EXPECT_EQ(
        parsed(R"(status = "production" AND status = ("online" OR "standby") AND priority >= 8)"),
        "(and [status/0 production] [status/0 online standby] [priority/5 8])");
    EXPECT_EQ(parsed("NOT status:* OR -(priority<-4 OR priority>1e2)"),
              "(or (not [status/6]) (not (or [priority/2 -4] [priority/4 1e2])))");
    EXPECT_EQ(parsed("status='a\\'b'"), "[status/0 a'b]");
    EXPECT_EQ(parsed(R"(status="pump-*")"), "[status/0 pump-*]");
    EXPECT_EQ(parsed(R"(status!="pump\*")"), "[status/1 pump*]");
    EXPECT_EQ(parsed(R"(status:("a*" OR "b"))"), "[status/0 a* b]");
    EXPECT_EQ(parsed(R"(`odd name` = "x")"), "[odd name/0 x]");
    EXPECT_EQ(parsed("größe>=1"), "[größe/5 1]");
    EXPECT_EQ(parsed("((((priority=1))))"), "[priority/0 1]");
}

TEST(Filter, BackquotedNameIsAlwaysAnAttribute) {
    EXPECT_EQ(parsed(R"(type = "pump")"), "[type/0 pump]");
    EXPECT_EQ(parsed("`type` = 5"), "[type/0 5]");
    EXPECT_EQ(parsed(R"(`type` = "pump")"), "invalid_filter at 10");
}

TEST(Filter, ErrorsNameThePlace) {
    EXPECT_EQ(parsed("status"), "error at 7");
    EXPECT_EQ(parsed("status = online"), "error at 10");
    EXPECT_EQ(parsed(R"(status = "a" and priority = 1)"), "error at 14");
    EXPECT_EQ(parsed("priority=1 AND priority=2 OR priority=3"), "error at 27");
    EXPECT_EQ(parsed("priority=1 OR priority=2 AND priority=3"), "error at 26");
    EXPECT_EQ(parsed("(priority=1"), "error at 12");
    EXPECT_EQ(parsed("priority=1)"), "error at 11");
    EXPECT_EQ(parsed("AND priority=1"), "error at 1");
    EXPECT_EQ(parsed(R"(status = "a*b")"), "error at 12");
    EXPECT_EQ(parsed(R"(status < "a*")"), "error at 10");
    EXPECT_EQ(parsed(R"(status = "open)"), "error at 10");
    EXPECT_EQ(parsed("priority = 007"), "error at 12");
    EXPECT_EQ(parsed("priority = 5x"), "error at 12");
    EXPECT_EQ(parsed(R"(priority != (1 OR 2))"), "error at 13");
    EXPECT_EQ(parsed("größe = x"), "error at 9");  // characters, not bytes
    EXPECT_EQ(parsed(R"(status = "\q")"), "error at 11");
    EXPECT_EQ(parsed(R"(status = "\u0000")"), "error at 11");
    EXPECT_EQ(parsed("NOT"), "error at 4");
    EXPECT_EQ(parsed("`status = 1"), "error at 1");
}

TEST(Filter, TypesAreChecked) {
    EXPECT_EQ(parsed(R"(priority = "8")"), "invalid_filter at 12");
    EXPECT_EQ(parsed("status = 8"), "invalid_filter at 10");
    EXPECT_EQ(parsed("enabled = 1"), "invalid_filter at 11");
    EXPECT_EQ(parsed("enabled < true"), "invalid_filter at 11");
    EXPECT_EQ(parsed("extra = 1"), "invalid_filter at 9");
    EXPECT_EQ(parsed("extra:*"), "[extra/6]");
    EXPECT_EQ(parsed(R"(since > "yesterday")"), "invalid_filter at 9");
    EXPECT_EQ(parsed("since > 1.5"), "invalid_filter at 9");
    EXPECT_EQ(parsed("since > 99999999999999999"), "invalid_filter at 9");
    EXPECT_EQ(parsed("since > 1763719200000"), "[since/4 1763719200000]");
    EXPECT_EQ(parsed("pressure > 1"), "attribute_not_hot at 1");
    EXPECT_EQ(parsed("priority = 1 AND nothing = 1"), "unknown_attribute at 18");
}

TEST(Filter, NumbersKeepTheirDigitsExceptForDoubles) {
    EXPECT_EQ(parsed("priority = 9007199254740993"), "[priority/0 9007199254740993]");
    EXPECT_EQ(parsed("price = 12.50"), "[price/0 12.50]");
    EXPECT_EQ(parsed("ratio = 0.1000000000000000055"), "[ratio/0 0.1]");
    EXPECT_EQ(parsed("ratio < 1e400"), "[ratio/2 1e400]");
}

TEST(Filter, BoundsHold) {
    const auto nested = [](int depth) {
        return std::string(static_cast<std::size_t>(depth), '(') + "priority=1" +
               std::string(static_cast<std::size_t>(depth), ')');
    };
    EXPECT_EQ(parsed(nested(kMaxFilterDepth - 1)), "[priority/0 1]");
    EXPECT_NE(parsed(nested(kMaxFilterDepth)).find("error"), std::string::npos);
    EXPECT_NE(parsed(nested(100'000)).find("error"), std::string::npos);
    std::string many = "priority = 1";
    for (int i = 1; i < kMaxFilterValues; ++i) many += " OR priority = 1";
    EXPECT_NE(parsed(many).find("(or"), std::string::npos);
    EXPECT_NE(parsed(many + " OR priority = 1").find("error"), std::string::npos);
    EXPECT_EQ(parsed("status = \"\xff\""), "error at 1");
}

TEST(Filter, Utf8IsJudgedStrictly) {
    EXPECT_TRUE(valid_utf8("aü€😀"));
    for (const std::string_view bad :
         {"\x80", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82"}) {
        EXPECT_FALSE(valid_utf8(bad));
    }
}

}  // namespace
}  // namespace atlas::query
