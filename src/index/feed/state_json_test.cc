// SPDX-License-Identifier: Apache-2.0
#include "index/feed/state_json.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

namespace atlas::index {
namespace {

// "name=json(text) …", or "damaged".
std::string values_of(StateJson& json, std::string_view object) {
    const auto values = json.values(object);
    if (!values) return "damaged";
    std::string text;
    for (const HotValue& value : *values) {
        text +=
            fmt::format("{}{}={}({})", text.empty() ? "" : " ", value.name, value.json, value.text);
    }
    return text;
}

TEST(StateJson, ReadsEveryKindOfValue) {
    StateJson json;
    EXPECT_EQ(values_of(json, "{}"), "");
    EXPECT_EQ(values_of(json, R"({"a": 1, "b": -2.50, "c": true, "d": "x y", "e": null})"),
              R"(a=1() b=-2.50() c=true() d="x y"(x y) e=null())");
    EXPECT_EQ(values_of(json, R"({"a": {"b": ["}", 1]}, "c": [], "d": ["\"]"]})"),
              R"(a={"b": ["}", 1]}() c=[]() d=["\"]"]())");
    EXPECT_EQ(values_of(json, R"({"": ""})"), R"(=""())");
}

TEST(StateJson, UndoesEscapesOfNamesAndTexts) {
    StateJson json;
    EXPECT_EQ(values_of(json, R"({"q\"t": "b\\a\nc\u0001\t/", "Über": "\\"})"),
              "q\"t=\"b\\\\a\\nc\\u0001\\t/\"(b\\a\nc\x01\t/) Über=\"\\\\\"(\\)");
    // Of several, each keeps its own.
    EXPECT_EQ(values_of(json, R"({"\\1": "\\2", "\\3": "\\4"})"), R"(\1="\\2"(\2) \3="\\4"(\4))");
}

TEST(StateJson, RefusesWhatIsNoObject) {
    StateJson json;
    for (const char* damaged :
         {"", "[]", "1", "{", R"({"a")", R"({"a":)", R"({"a": })", R"({"a": 1)", R"({"a": 1,})",
          R"({"a": "x)", R"({"a": "\x"})", R"({"a": "\u12"})", R"({"a": [1})", R"({"a": 1}x)"}) {
        EXPECT_EQ(values_of(json, damaged), "damaged") << damaged;
    }
}

TEST(StateJson, ReadsInstants) {
    StateJson json;
    const auto instants = json.instants(R"({"a": 1795255200000000, "b\\": -5, "c": "x"})");
    ASSERT_TRUE(instants);
    ASSERT_EQ(instants->size(), 2U);
    EXPECT_EQ((*instants)[0].name, "a");
    EXPECT_EQ((*instants)[0].at, time_from_micros(1'795'255'200'000'000));
    EXPECT_EQ((*instants)[1].name, "b\\");
    EXPECT_EQ((*instants)[1].at, time_from_micros(-5));
    EXPECT_FALSE(json.instants("[]"));
}

}  // namespace
}  // namespace atlas::index
